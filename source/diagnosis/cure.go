package diagnosis

import "github.com/359a26c5/twtop/source"

// cure is what the program that holds the ports has to do. The state that most
// of them are in tells.
func cure(d *Destination) Remedy {
	r := Remedy{Kind: RemedyApplication}
	most := mostOf(&d.States)
	n := int(d.States[most])
	switch most {
	case source.StateEstablished:
		r.Page = poolPage(d.Remote.Port())
		r.Text, r.Effect = "open fewer connections at once (a pool with an upper limit)", Plural(n, "connection")+" are open at once"
	case source.StateSynSent:
		r.Page, r.Text = string(SynSentPileup), "find out why the far end does not answer, and give up sooner"
		r.Effect = Grouped(n) + " are waiting for an answer to their SYN"
	case source.StateCloseWait:
		r.Page, r.Text = string(CloseWaitLeak), "close the connections whose far end has closed"
		r.Effect = Grouped(n) + " are waiting for that; no sysctl ends them"
	case source.StateFinWait2:
		r.Page, r.Text = string(FinWait2Pileup), "see why the far end does not close"
		r.Effect = Grouped(n) + " are waiting for that"
	default:
		r.Page = poolPage(d.Remote.Port())
		r.Text = "keep connections open (keep-alive, a pool)"
		r.foresee(d.whatIf(ChangeKeepalive), d)
	}
	return r
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
