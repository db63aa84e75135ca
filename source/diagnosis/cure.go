package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// cure is what the program that holds the ports has to do. The state that most
// of them are in tells.
func cure(d *Destination) Remedy {
	r := Remedy{Kind: RemedyApplication}
	most := mostOf(&d.States)
	n := int(d.States[most])
	switch most {
	case source.StateEstablished:
		r.Page = d.poolPage()
		r.Text, r.Effect = "open fewer connections at once (a pool with an upper limit)", Plural(n, "connection")+" are open at once"
	case source.StateSynSent:
		r.Page, r.Text = string(SynSentPileup), "give connect() a time-out of a few seconds"
		r.Effect = Grouped(n) + " are waiting for an answer to their SYN"
	case source.StateCloseWait:
		r.Page, r.Text = string(CloseWaitLeak), "close the socket when a read returns 0 (end of file)"
		r.Effect = Grouped(n) + " are waiting for that; no sysctl ends them"
	case source.StateFinWait2:
		r.Page, r.Text = string(FinWait2Pileup), "find out why the server does not close"
		r.Effect = Grouped(n) + " are waiting for that"
	default:
		r.Page, r.Text = d.keepOpen()
		r.foresee(d.whatIf(ChangeKeepalive), d)
	}
	return r
}

// unstick is what can be done at once about what most ports wait for; its Kind
// is "" where they wait for nobody.
func unstick(d *Destination) Remedy {
	switch mostOf(&d.States) {
	case source.StateSynSent:
		return checkPeer(d)
	case source.StateCloseWait:
		return restartHolder(holder(d))
	case source.StateFinWait2:
		return restartPeer(d)
	}
	return Remedy{}
}

// checkPeer: SYNs that are not answered.
func checkPeer(d *Destination) Remedy {
	return Remedy{Kind: RemedySystem, Page: string(SynSentPileup),
		Text:   fmt.Sprintf("check that %v is up and no firewall drops it", d.Remote),
		Effect: "routes, firewalls and security groups on the way and at its end; conntrack here"}
}

// restartHolder: CLOSE_WAITs that the client or the server here does not close.
func restartHolder(who string) Remedy {
	return Remedy{Kind: RemedySystem, Page: string(CloseWaitLeak),
		Text: "restart " + who, Effect: "they are closed at once, until it leaks again"}
}

// holder is the client that has most of a destination's connections, by what it
// is restarted by.
func holder(d *Destination) string {
	m, ok := d.Owners.Main()
	switch {
	case ok && m.Unit != "":
		return m.Unit + ", which holds them"
	case ok && m.Name != "":
		return m.Name + ", which holds them"
	}
	return theClient
}

// Who holds connections, where nobody knows its name.
const theClient, theServer = "the client that holds them", "the server that holds them"

// restartPeer: FIN_WAIT2s that the server at the far end does not close.
func restartPeer(d *Destination) Remedy {
	return Remedy{Kind: RemedySystem, Page: string(CloseWaitLeak),
		Text:   fmt.Sprintf("look for CLOSE-WAIT at %v, and restart the server that holds them", d.Remote),
		Effect: "its end of each is closed then, and the port comes back"}
}

// stuck: who holds the ports waits for the other end, or for a program, and more
// ports are just more of the same.
func stuck(s source.State) bool {
	return s == source.StateSynSent || s == source.StateCloseWait || s == source.StateFinWait2
}

// noCure begins the effect of what only puts the end off.
const noCure = "no cure"

// poolPage is the page that tells how connections to a service's port are kept
// open, where the port is that of a well-known one.
func poolPage(port uint16) string {
	switch port {
	case 1433, 1521, 3306, 5432, 27017: // SQL Server, Oracle, MySQL, PostgreSQL, MongoDB
		return PageDatabasePools
	case 6379:
		return PageRedis
	}
	return PageKeepalive
}
