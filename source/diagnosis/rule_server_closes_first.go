package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
)

// serverClosesFirstRule tells server-closes-first: TIME_WAITs on a service's
// own port, which is then the side that closed, towards few peers, who keep
// connections open. A balancer that sends a request into one that is being
// closed answers 502; without kept connections there is no such race.
type serverClosesFirstRule struct {
	idle map[serviceKey]idleness
}

// A handful of closes in a minute is nothing; nor is a restart, of the server or
// of its workers one after another, which closes all at once; nor are clients
// from everywhere, who are no balancer.
const (
	manyServerCloses   = 30
	secondsWithCloses  = 4
	manyAtOnce, atOnce = 5, 2 // closes; s
	quietBetween       = 3    // s without a close
	fewNetworks        = 8
	namedPeers         = 3
	idleLookers        = 5      // connections, from which the idle times mean something
	keptAfter          = 500    // ms; after that a connection is kept
	idlenessRemembered = 60_000 // ms
	// balancerKeeps is AWS's idle time-out, and nginx's towards its upstreams.
	balancerKeeps = 60_000 // ms
)

// keepAliveTimes are usual times after which a server closes an idle
// connection, in ms.
var keepAliveTimes = []struct {
	ms uint32
	of string
}{
	{2_000, "gunicorn's default is 2 s"},
	{5_000, "Node's, Apache's and uvicorn's default is 5 s"},
	{6_000, "Node's default is 5 s, and later releases keep 1 s more"}, // seen with 20.20
	{20_000, "Tomcat's default is 20 s"},
	{30_000, "Jetty's default is 30 s"},
}

// serversEnd are ports of protocols in which the server ends the conversation:
// FTP, and SMTP as it is spoken by servers and by clients.
var serversEnd = []uint16{21, 25, 465, 587}

// idleness is the longest time that an open connection of a service was seen
// idle, and of how many there were.
type idleness struct {
	longest uint32 // ms
	at      uint32 // Snapshot.Clock
	open    int    // whose idle time is known
	untold  int    // and not known
	kept    int    // for keptAfter and longer, at most in a frame
	keptAt  uint32 // Snapshot.Clock
}

// later is the idleness with what a later frame shows.
func (x idleness) later(now idleness) idleness {
	if now.kept >= x.kept || elapsed(now.at, x.keptAt) > idlenessRemembered {
		x.kept, x.keptAt = now.kept, now.keptAt
	}
	if now.longest >= x.longest || elapsed(now.at, x.at) > idlenessRemembered {
		x.longest, x.at = now.longest, now.at
	}
	x.open, x.untold = now.open, now.untold
	return x
}

// keeps reports whether clients keep connections, as far as is known.
func (x *idleness) keeps() bool { return x.kept+x.untold >= idleLookers }

// serverCloses are the closes of a service.
type serverCloses struct {
	service   int
	n         int // TIME_WAITs
	timed     int // whose timer is known
	closes    Series
	local     int                 // with both ends on this host
	addresses map[source.Addr]int // as far as they can be named, and one more
	networks  map[source.Addr]int // by networkOf, as far as they are few, and one more
	idle      idleness
}

func (r *serverClosesFirstRule) look(s *scene) []Finding {
	before := r.idle
	r.idle = nil
	var many worst[int]
	for row := range s.rowsWith(source.StateTimeWait, manyServerCloses) {
		if row.outgoing() || s.Services[row.service].Gone || slices.Contains(serversEnd, s.Services[row.service].Local.Port()) {
			continue
		}
		many.add(int(s.Services[row.service].States[source.StateTimeWait]), row.service)
	}
	var found []Finding
	for _, i := range many.top {
		c := serverClosesOf(s, i)
		key := s.Services[i].key()
		if x, known := before[key]; known {
			c.idle = x.later(c.idle)
		}
		if r.idle == nil {
			r.idle = make(map[serviceKey]idleness)
		}
		r.idle[key] = c.idle
		if c.steady() && len(c.networks) <= fewNetworks && c.idle.keeps() {
			found = append(found, c.finding(s))
		}
	}
	more := many.all - len(many.top)
	if len(found) < len(many.top) {
		more = 0 // of those nobody knows whether they are like it
	}
	return andMore(found, more)
}

func serverClosesOf(s *scene, service int) serverCloses {
	c := serverCloses{service: service, addresses: make(map[source.Addr]int), networks: make(map[source.Addr]int)}
	c.idle.at, c.idle.keptAt = s.Snapshot.Clock, s.Snapshot.Clock
	for _, flow := range s.Services[service].Flows {
		before := c.n
		socks := s.Snapshot.SocketsOf(flow)
		for i := range socks {
			switch k := &socks[i]; k.State {
			case source.StateTimeWait:
				c.close(s, k)
			case source.StateEstablished:
				c.open(s.Snapshot.DetailOf(k))
			}
		}
		if n := c.n - before; n > 0 {
			c.from(&s.Snapshot.Flows[flow], n)
		}
	}
	return c
}

func (c *serverCloses) close(s *scene, k *source.Socket) {
	c.n++
	if k.Timer != source.TimerTimeWait {
		return
	}
	c.timed++
	left := s.Snapshot.Remaining(k)
	sec := SeriesLen - 1 - int((timeWaitSeconds*time.Second-left)/time.Second)
	c.closes[min(max(sec, 0), SeriesLen-1)]++
}

func (c *serverCloses) open(d *source.Detail) {
	if d == nil || d.Has&source.HasInfo == 0 {
		c.idle.untold++
		return
	}
	c.idle.open++
	idle := min(d.LastDataSent, d.LastDataRecv)
	c.idle.longest = max(c.idle.longest, idle)
	if idle >= keptAfter && d.LastDataSent <= d.LastDataRecv { // it has answered
		c.idle.kept++
	}
}

// from enters the peer of n closes.
func (c *serverCloses) from(f *source.Flow, n int) {
	if bothEndsHere(f) {
		c.local += n
	}
	if len(c.addresses) <= namedPeers {
		c.addresses[f.Remote] += n
	}
	network := networkOf(f.Remote)
	if _, known := c.networks[network]; known || len(c.networks) <= fewNetworks {
		c.networks[network] += n
	}
}

// steady: it closed in some seconds of the minute, and not most of them in one;
// what was closed at once, with none before and after, is left out.
// Where the source does not tell the timers, that is not known.
func (c *serverCloses) steady() bool {
	if c.timed < c.n {
		return c.timed == 0
	}
	with, peak, sum := 0, 0, 0
	for at := 0; at < SeriesLen; at++ {
		if c.closes[at] == 0 {
			continue
		}
		run := c.runFrom(at)
		n := 0
		for _, closes := range run {
			n += int(closes)
		}
		at += len(run)
		if len(run) <= atOnce && n >= manyAtOnce {
			continue
		}
		for _, closes := range run {
			if closes > 0 {
				with, peak = with+1, max(peak, int(closes))
			}
		}
		sum += n
	}
	return sum >= manyServerCloses && with >= secondsWithCloses && 2*peak <= sum
}

// runFrom is the seconds from one on up to the last with a close before there
// are quietBetween without.
func (c *serverCloses) runFrom(at int) []uint32 {
	last := at - 1
	for i := at; i < SeriesLen && i-last <= quietBetween; i++ {
		if c.closes[i] > 0 {
			last = i
		}
	}
	return c.closes[at : last+1]
}

func (c *serverCloses) finding(s *scene) Finding {
	f := socketRow{-1, c.service}.finding(s, ServerClosesFirst, SeverityNotice)
	f.Confidence = Possible
	if c.keepAlive() != "" {
		f.Confidence = Likely
	}
	f.Claim = f.Subject + " closes connections before its clients do: behind a balancer or proxy that can cause 502s"
	f.Evidence = append(f.Evidence, c.figures(), c.idleWords())
	if 2*c.local >= c.n {
		f.Evidence = append(f.Evidence, "The peers are on this host: a proxy here would log \"upstream prematurely closed connection\".")
	}
	f.Evidence = append(f.Evidence, "These TIME-WAITs are on the service's own port: they take no local port from connect().")
	f.Remedies = []Remedy{
		{Kind: RemedySystem, Page: PageLoadBalancer, Text: "look for 502s in the log of the balancer or proxy", Effect: "tells whether clients are hurt"},
		{Kind: RemedyApplication, Page: PageLoadBalancer,
			Text:   "set the server's keep-alive time-out above the balancer's",
			Effect: "Node: keepAliveTimeout, and headersTimeout above it; nginx: keepalive_timeout; against 60 s of AWS's balancers take 65 s; no sysctl does it"},
	}
	return f
}

// figures is how many closes there were, and towards whom.
func (c *serverCloses) figures() string {
	if c.timed == 0 {
		return fmt.Sprintf("%s in TIME-WAIT, closed by the server, %s.", Plural(c.n, "connection"), c.peers())
	}
	const window = 10 // seconds
	sum := 0
	for _, n := range c.closes[SeriesLen-window:] {
		sum += int(n)
	}
	return fmt.Sprintf("%s closed by the server in the last minute (%s in its last %d s), %s.",
		Plural(c.n, "connection"), perSecond(float64(sum)/window), window, c.peers())
}

// peers names the far ends: "all with 10.0.0.3", up to three addresses, else
// networks.
func (c *serverCloses) peers() string {
	if len(c.addresses) <= namedPeers {
		top, _ := most(c.addresses, namedPeers)
		var parts []string
		for _, a := range top {
			parts = append(parts, a.IP().String())
		}
		return "all with " + listed(parts)
	}
	top, more := most(c.networks, namedPeers)
	var parts []string
	for _, p := range top {
		parts = append(parts, networkName(p))
	}
	if more > 0 {
		return fmt.Sprintf("with %s and %s", strings.Join(parts, ", "), Plural(more, "more network"))
	}
	return "all with " + listed(parts)
}

// listed is "a, b and c".
func listed(parts []string) string {
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// keepAlive is whose time-out the longest idle time looks like, "" where none.
func (c *serverCloses) keepAlive() string {
	if c.idle.open < idleLookers {
		return ""
	}
	for _, k := range keepAliveTimes {
		if c.idle.longest >= k.ms/5*4 && c.idle.longest <= k.ms+k.ms/10 {
			return k.of
		}
	}
	return ""
}

// idleWords is what the open connections tell of how long the server keeps them.
func (c *serverCloses) idleWords() string {
	longest := fmt.Sprintf("%.1f s", float64(c.idle.longest)/1000)
	switch like := c.keepAlive(); {
	case like != "":
		return fmt.Sprintf("No open connection has been idle for longer than %s: that looks like the server's keep-alive time-out (%s; AWS's balancers keep 60 s).", longest, like)
	case c.idle.open == 0 && c.idle.untold > 0:
		return fmt.Sprintf("%s open; for how long they are idle is not known.", Plural(c.idle.untold, "connection"))
	case c.idle.open == 0:
		return "Connections were kept open a moment ago, and none is now."
	case c.idle.longest > balancerKeeps:
		return fmt.Sprintf("Open connections are kept idle for up to %s: the time-out is not too short for a balancer's 60 s, but a limit of requests for each connection would close too.", lasting(c.idle.longest))
	case c.idle.open < idleLookers:
		return fmt.Sprintf("%s open, idle for up to %s: too few to tell the server's keep-alive time-out.", Plural(c.idle.open, "connection"), longest)
	}
	return fmt.Sprintf("No open connection of %s has been idle for longer than %s (AWS's balancers keep 60 s).", Grouped(c.idle.open), longest)
}
