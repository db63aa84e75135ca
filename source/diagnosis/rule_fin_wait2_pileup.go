package diagnosis

import (
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// finWait2PileupRule tells fin-wait2-pileup: this side closed, and the far end
// does not. There are two kinds. Those without a process are mini-sockets that
// the kernel ends after tcp_fin_timeout; those with one were shut down for
// writing and stay as long as the program likes (tcp_close, tcp_shutdown,
// net/ipv4/tcp.c).
//
// Accepted ones without a process hold no port, and many a browser leaves them
// behind: they are no finding. Where the far end is in this namespace its
// CLOSE_WAITs are the cause, and close-wait-leak tells of them.
type finWait2PileupRule struct{}

// A far end that lives answers a FIN with its own within seconds, a program
// that has shut down for writing reads to the end within a minute (nginx's
// lingering_time is 30 s).
const (
	orphanWaits, manyOrphanWaits = 4_000, 50 // ms; sockets
	heldWaits, manyHeldWaits     = 60_000, 20
)

// finWaits are a row's in FIN_WAIT2.
type finWaits struct {
	row         socketRow
	n           int
	minis, held int // that have waited for too long
	allMinis    int
	oldest      uint32 // ms
	owners      owners
}

func (*finWait2PileupRule) look(s *scene) []Finding {
	var piles []finWaits
	var rows []socketRow
	for row := range s.rowsWith(source.StateFinWait2, manyHeldWaits) {
		if w := finWaitsOf(s, row); w.pileup(0) {
			piles, rows = append(piles, w), append(rows, row)
		}
	}
	if len(piles) == 0 {
		return nil
	}
	leaks := s.otherEnds(rows, source.StateCloseWait)
	var kept worst[finWaits]
	for i := range piles {
		if w := &piles[i]; w.pileup(leaks[w.row]) {
			kept.add(w.minis+w.held, *w)
		}
	}
	return kept.findings(func(w *finWaits) Finding { return w.finding(s) })
}

func finWaitsOf(s *scene, row socketRow) finWaits {
	w := finWaits{row: row}
	lasts := s.finTimeout()
	for k, d := range row.sockets(s, source.StateFinWait2) {
		w.n++
		switch {
		case k.Mini():
			w.allMinis++
			left := s.Snapshot.Remaining(k)
			if age := lasts - left; lasts > 0 && age >= orphanWaits*time.Millisecond && row.outgoing() {
				w.minis++
				w.oldest = max(w.oldest, uint32(min(age, lasts).Milliseconds()))
			}
		case d != nil && d.Has&source.HasInfo != 0 && min(d.LastAckRecv, d.LastDataRecv) >= heldWaits:
			w.held++
			w.oldest = max(w.oldest, min(d.LastAckRecv, d.LastDataRecv))
			w.owners.add(d)
		}
	}
	return w
}

// finTimeout is how long a FIN_WAIT2 without a process is a mini-socket: the
// last minute of tcp_fin_timeout (tcp_rcv_state_process, net/ipv4/tcp_input.c);
// 0 where that is not known.
func (s *scene) finTimeout() time.Duration {
	n := sysctlInt(s.Snapshot, sysctl.FinTimeout)
	if n == nil || *n <= 0 {
		return 0
	}
	return time.Duration(min(*n, timeWaitSeconds)) * time.Second
}

// pileup reports whether there are many, so many left out that are explained.
func (w *finWaits) pileup(explained int) bool {
	return w.minis+w.held > explained &&
		(w.minis-explained >= manyOrphanWaits || w.held-explained >= manyHeldWaits)
}

func (w *finWaits) finding(s *scene) Finding {
	f := w.row.finding(s, FinWait2Pileup, SeverityWarning)
	f.Claim = w.claim(f.Subject)
	f.Evidence = []string{fmt.Sprintf("%s FIN-WAIT-2, %s of them without a process; %s for more than %d s, the oldest for %s.",
		Grouped(w.n), Grouped(w.allMinis), Grouped(w.minis+w.held), w.least()/1000, lasting(w.oldest))}
	here, _ := w.row.sides()
	if w.held > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s are held by the %s, which was done with writing: they stay until it closes them.", Grouped(w.held), here))
		if text := w.owners.words(s); text != "" {
			f.Evidence = append(f.Evidence, text)
		}
	}
	if w.row.outgoing() {
		f.Evidence = append(f.Evidence, "Each holds a local port; the server's end shows CLOSE-WAIT for as long.")
	}
	f.Remedies = w.remedies(s)
	return f
}

// claim says who does not close what.
func (w *finWaits) claim(subject string) string {
	n := Plural(w.minis+w.held, "connection")
	if w.row.outgoing() {
		return fmt.Sprintf("%s: the server does not close %s that the client closed", subject, n)
	}
	return fmt.Sprintf("%s: the clients do not close %s that the server closed", subject, n)
}

// least is how long those that it speaks of have waited at the least, in ms.
func (w *finWaits) least() uint32 {
	if w.minis == 0 {
		return heldWaits
	}
	return orphanWaits
}

func (w *finWaits) remedies(s *scene) []Remedy {
	here, _ := w.row.sides()
	why := "find out why the clients do not close"
	var out []Remedy
	switch {
	case w.held > w.minis:
		out = append(out, Remedy{Kind: RemedySystem, Page: string(FinWait2Pileup),
			Text: "restart the " + here + " that holds them", Effect: "the kernel ends those without a process"})
	case w.row.outgoing():
		out = append(out, restartPeer(&s.Destinations[w.row.destination]))
	}
	if w.row.outgoing() {
		why = "find out why the server does not close"
	}
	out = append(out, Remedy{Kind: RemedyApplication, Page: string(CloseWaitLeak),
		Text:   why,
		Effect: "a program there reads no end of file, or hangs: close-wait-leak over there"})
	if w.held > 0 {
		out = append(out, Remedy{Kind: RemedyApplication, Page: string(FinWait2Pileup),
			Text:   "call close() in the " + here + " after shutdown(), at the latest after a time-out",
			Effect: "no sysctl ends those that a program holds"})
	}
	if !w.row.outgoing() || w.minis <= w.held {
		return out
	}
	d := &s.Destinations[w.row.destination]
	const quarter, seconds = 4, "15"
	if now := sysctlInt(s.Snapshot, sysctl.FinTimeout); quarter*w.allMinis >= d.Ports.Capacity && now != nil && *now > 15 {
		r := s.set(sysctl.FinTimeout, seconds)
		r.Effect = fmt.Sprintf("FIN-WAIT-2 without a process holds its port for %s s instead of %d; TIME-WAIT stays 60 s whatever is set", seconds, *now)
		out = append(out, r)
	}
	return out
}
