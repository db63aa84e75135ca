package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// closeWaitLeakRule tells close-wait-leak: the far end closed, and the program
// here does not. CLOSE_WAIT has no timer (tcp_fin, net/ipv4/tcp_input.c): only
// the program ends it.
//
// The FIN came at the earliest when the last data did, and at the latest with
// the last ACK; probes of SO_KEEPALIVE bring later ACKs. So tcpi_last_ack_recv
// is an age that a CLOSE_WAIT has at the least.
type closeWaitLeakRule struct{ counts standings }

// What is a leak. A program that lives closes within the time of a request:
// twenty that are not closed after half a minute, or five after five minutes,
// are forgotten. Where the ages do not show it, it takes twenty more within
// half a minute and none less, or twenty that have stayed for a minute.
const (
	leakAge, leakCount       = 30_000, 20 // ms; sockets
	oldLeakAge, oldLeakCount = 300_000, 5
	leakStays                = 60_000 // ms
	// spreadLeak is how many of them are worth a word that lie about, too few
	// at each destination.
	spreadLeak = 100
	// poolSize is how many a pool of a client's may hold that finds out what the
	// far end closed at their next use only, and is no leak.
	poolSize = 50
)

// closeWaits are those of a row.
type closeWaits struct {
	row        socketRow
	n          int
	aged       int    // whose age is known
	old        int    // older than leakAge for sure
	older      int    // than oldLeakAge
	maybe      int    // of which the age may be more than leakAge
	unaccepted int    // in the accept queue still
	oldest     uint32 // ms
	owners     owners
	count      standing
}

func (c *closeWaitLeakRule) look(s *scene) []Finding {
	c.counts.frame()
	if s.States[source.StateCloseWait] < oldLeakCount {
		return nil
	}
	var leaks worst[closeWaits]
	spread := closeWaits{row: socketRow{-1, -1}}
	over := 0
	for row := range s.rowsWith(source.StateCloseWait, 1) {
		w := closeWaitsOf(s, row)
		if w.n >= oldLeakCount {
			w.count = c.counts.observe(row.place(s), w.n, s.Snapshot.Clock)
		}
		switch {
		case w.leak(s.Snapshot.Clock) || w.outnumbers(s):
			leaks.add(w.n, w)
		case row.outgoing() && w.old > 0:
			over++
			spread.add(&w)
		}
	}
	if leaks.all == 0 && spread.old >= spreadLeak {
		return []Finding{spread.overMany(s, over)}
	}
	return leaks.findings(func(w *closeWaits) Finding { return w.finding(s) })
}

func closeWaitsOf(s *scene, row socketRow) closeWaits {
	w := closeWaits{row: row}
	for _, d := range row.sockets(s, source.StateCloseWait) {
		w.n++
		if d == nil {
			continue
		}
		w.owners.add(d)
		if d.Has&source.HasInode != 0 && d.Inode == 0 {
			w.unaccepted++
		}
		if d.Has&source.HasInfo != 0 {
			w.age(d)
		}
	}
	return w
}

func (w *closeWaits) age(d *source.Detail) {
	w.aged++
	w.oldest = max(w.oldest, d.LastAckRecv)
	if d.LastAckRecv >= leakAge {
		w.old++
	}
	if d.LastAckRecv >= oldLeakAge {
		w.older++
	}
	if max(d.LastAckRecv, d.LastDataRecv) >= leakAge {
		w.maybe++
	}
}

// add sums up what is needed of another row.
func (w *closeWaits) add(o *closeWaits) {
	w.n, w.aged, w.old, w.oldest = w.n+o.n, w.aged+o.aged, w.old+o.old, max(w.oldest, o.oldest)
}

func (w *closeWaits) leak(clock uint32) bool { return w.byAge() || w.byCount(clock) }

func (w *closeWaits) byAge() bool { return w.old >= leakCount || w.older >= oldLeakCount }

// byCount: none goes away, and they are more and more, or stay; and no age says
// that they are others each time.
func (w *closeWaits) byCount(clock uint32) bool {
	if w.maybe+w.n-w.aged < leakCount {
		return false
	}
	lasted := w.count.lasted(clock)
	return w.count.grown() >= leakCount && lasted >= leakAge ||
		w.count.first >= leakCount && lasted >= leakStays
}

// outnumbers is what a text is judged by that tells no ages, and that nobody
// can look at again: four times as many as there are open connections.
func (w *closeWaits) outnumbers(s *scene) bool {
	return s.Snapshot.Kind == source.KindText && w.aged == 0 && w.n >= leakCount &&
		w.n >= 4*int(w.row.states(s)[source.StateEstablished])
}

func (w *closeWaits) finding(s *scene) Finding {
	f := w.row.finding(s, CloseWaitLeak, SeverityWarning)
	pool := w.pool(s)
	if pool {
		f.Severity = SeverityNotice
	}
	if pool || !w.byAge() {
		f.Confidence = Possible
	}
	here, _ := w.row.sides()
	f.Claim = w.claim(f.Subject)
	f.Evidence = append(f.Evidence, w.figures(w.row.states(s), s.Snapshot.Clock, here))
	if w.count.grown() >= leakCount && w.count.lasted(s.Snapshot.Clock) > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("They grew from %s to %s in %s, and none went away.",
			Grouped(w.count.first), Grouped(w.count.last), lasting(w.count.lasted(s.Snapshot.Clock))))
	}
	if text := w.owners.words(s); text != "" {
		f.Evidence = append(f.Evidence, text)
	}
	if w.queued() {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s of them belong to nobody yet: they wait for accept().", Grouped(w.unaccepted)))
		f.Remedies = queuedRemedies()
		return f
	}
	holds := "Each holds a file of the program until it is closed."
	if w.row.outgoing() {
		holds = "Each holds a local port and a file; a pool that does not check idle connections looks like that too, up to its size."
	}
	f.Evidence = append(f.Evidence, holds)
	if f.Remedies = leakRemedies(w.row.outgoing()); pool {
		f.Remedies = poolRemedies()
	}
	return f
}

// pool: a client's pool that nobody uses looks like that too. They are old, a
// few, not seen to grow, and no port is missing for them.
func (w *closeWaits) pool(s *scene) bool {
	stays := w.byAge() || w.count.lasted(s.Snapshot.Clock) >= leakStays
	if !w.row.outgoing() || w.n >= poolSize || !stays || w.count.grown() >= leakCount {
		return false
	}
	pace, known := w.count.pace(s.Snapshot.Clock)
	return !(known && pace >= 1) && s.Destinations[w.row.destination].Ports.Pressure <= highPressure
}

// sides are this end of the row's connections, and the other end.
func (r socketRow) sides() (here, there string) {
	if r.outgoing() {
		return "client", "server"
	}
	return "server", "clients"
}

// queued: most of them have not been accepted.
func (w *closeWaits) queued() bool { return 2*w.unaccepted > w.n }

func (w *closeWaits) claim(subject string) string {
	if w.queued() {
		return fmt.Sprintf("%s: %s clients gave up, and the server has not accepted their connections", subject, Grouped(w.n))
	}
	here, there := w.row.sides()
	claim := fmt.Sprintf("%s: the %s leaves %s open that the %s closed", subject, here, Plural(w.n, "connection"), there)
	if w.oldest >= leakAge {
		claim += fmt.Sprintf(", the oldest %s ago", lasting(w.oldest))
	}
	return claim
}

func (w *closeWaits) figures(states *source.StateCounts, clock uint32, holder string) string {
	ages := "their ages are not known"
	switch {
	case w.aged == 0:
	case w.old == 0:
		ages = "for how long is not known"
	case w.old == w.n:
		ages = "all for more than " + lasting(leakAge)
	default:
		ages = fmt.Sprintf("%s of them for more than %s", Grouped(w.old), lasting(leakAge))
	}
	return fmt.Sprintf("%s CLOSE-WAIT, %s%s; %s ESTAB; none ends before the %s closes it.",
		Grouped(w.n), ages, w.count.growing(clock), Grouped(int(states[source.StateEstablished])), holder)
}

// overMany is what is said where each destination has but a few of them.
func (w *closeWaits) overMany(s *scene, destinations int) Finding {
	f := ofHost(CloseWaitLeak, fmt.Sprintf("Clients here leave %s to %s open that the servers closed, the oldest %s ago",
		Plural(w.old, "connection"), Plural(destinations, "destination"), lasting(w.oldest)))
	f.Confidence = Likely
	f.Evidence = []string{w.figures(&s.States, s.Snapshot.Clock, "client"), "Each holds a local port and a file of the program until it is closed."}
	f.Remedies = leakRemedies(true)
	return f
}

func leakRemedies(outgoing bool) []Remedy {
	if !outgoing {
		return []Remedy{restartHolder(theServer), closeAtEnd()}
	}
	return []Remedy{restartHolder(theClient), closeAtEnd(), evict()}
}

// poolRemedies do no harm where nothing is wrong.
func poolRemedies() []Remedy { return []Remedy{evict(), closeAtEnd()} }

func closeAtEnd() Remedy {
	return Remedy{Kind: RemedyApplication, Page: string(CloseWaitLeak),
		Text:   "close the socket when a read returns 0 (end of file), on every path",
		Effect: "most often forgotten after errors and time-outs, and for response bodies; no sysctl ends a CLOSE-WAIT"}
}

func evict() Remedy {
	return Remedy{Kind: RemedyApplication, Page: string(CloseWaitLeak),
		Text:   "let the pool end idle connections (eviction, a check before use)",
		Effect: "those that the far end closed are then found without a request"}
}

func queuedRemedies() []Remedy {
	return []Remedy{
		{Kind: RemedyApplication, Page: string(ListenOverflow),
			Text:   "find out why the server does not call accept() (a blocked event loop, all workers busy)",
			Effect: "it closes them as soon as it has accepted them; no sysctl ends a CLOSE-WAIT"},
		{Kind: RemedySystem, Page: string(CloseWaitLeak),
			Text: "restart the server", Effect: "they are closed at once, until it hangs again"},
	}
}
