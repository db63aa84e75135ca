package diagnosis

import (
	"fmt"
	"net/netip"

	"github.com/359a26c5/twtop/source"
)

// synSentPileupRule tells syn-sent-pileup: SYNs to a destination are repeated
// and not answered. Each attempt holds its local port until tcp_syn_retries are
// done (tcp_write_timeout, net/ipv4/tcp_timer.c).
type synSentPileupRule struct{ counts standings }

// A burst of fresh SYNs on a slow link is nothing. It takes twenty whose SYN was
// repeated, which is a second after the first, or ten after three times. Where
// the source does not tell repetitions: twenty, and none less for five seconds.
const (
	manyRepeated    = 20
	fewRepeated     = 10
	repeatedOften   = 3
	unansweredStays = 5000 // ms
)

// synSents are those of a destination.
type synSents struct {
	row      socketRow
	n        int
	told     int // whose repetitions are known
	repeated int // at least once
	often    int // repeatedOften times and more
	most     int
	count    standing
}

func (p *synSentPileupRule) look(s *scene) []Finding {
	p.counts.frame()
	if s.States[source.StateSynSent] < fewRepeated {
		return nil
	}
	var piles worst[synSents]
	var full fullListeners
	for i := range s.Destinations {
		d := &s.Destinations[i]
		if d.States[source.StateSynSent] < fewRepeated {
			continue
		}
		w := synSentsOf(s, socketRow{i, -1})
		w.count = p.counts.observe(w.row.place(s), w.n, s.Snapshot.Clock)
		if w.pileup(s.Snapshot.Clock) && !full.are(s, d) {
			piles.add(w.n, w)
		}
	}
	return piles.findings(func(w *synSents) Finding { return w.finding(s) })
}

func synSentsOf(s *scene, row socketRow) synSents {
	w := synSents{row: row}
	socks := s.Snapshot.SocketsOf(s.Destinations[row.destination].Flow)
	for i := range socks {
		if socks[i].State != source.StateSynSent {
			continue
		}
		d := s.Snapshot.DetailOf(&socks[i])
		w.n++
		if d == nil || d.Has&source.HasRetrans == 0 {
			continue
		}
		w.told++
		w.most = max(w.most, int(d.Retrans))
		if d.Retrans >= 1 {
			w.repeated++
		}
		if d.Retrans >= repeatedOften {
			w.often++
		}
	}
	return w
}

func (w *synSents) pileup(clock uint32) bool {
	return w.repeated >= manyRepeated || w.often >= fewRepeated ||
		w.told == 0 && w.count.first >= manyRepeated && w.count.lasted(clock) >= unansweredStays
}

// fullListeners are the services of this namespace whose accept queue is full,
// looked for once a frame.
type fullListeners map[netip.AddrPort]bool

// are reports whether the destination is one of them: that is listen-overflow.
func (l *fullListeners) are(s *scene, d *Destination) bool {
	if *l == nil {
		*l = make(fullListeners)
		for i := range s.Services {
			if v := &s.Services[i]; v.queueFull() {
				(*l)[v.Local] = true
			}
		}
	}
	if (*l)[d.Remote] {
		return true
	}
	if a := d.Remote.Addr(); !a.IsLoopback() && a != d.Local {
		return false
	}
	port := d.Remote.Port()
	return (*l)[netip.AddrPortFrom(netip.IPv4Unspecified(), port)] || (*l)[netip.AddrPortFrom(netip.IPv6Unspecified(), port)]
}

func (w *synSents) finding(s *scene) Finding {
	d := &s.Destinations[w.row.destination]
	f := w.row.finding(s, SynSentPileup, SeverityWarning)
	answers := "does not answer"
	if w.told == 0 {
		f.Confidence = Possible
	}
	if d.established() > 0 {
		answers = "does not answer every SYN"
	}
	f.Claim = fmt.Sprintf("%v %s: %s", d, answers, waitingWords(w.n))
	f.Evidence = []string{
		w.figures(d),
		"Each holds its port until the kernel gives up, after more than two minutes unless tcp_syn_retries says otherwise.",
		"A refusal would end them at once: a firewall or security group drops the packets, the host is away, or its accept queue is full.",
	}
	f.Remedies = synSentRemedies(d)
	return f
}

// waitingWords is "300 connect() calls are waiting".
func waitingWords(n int) string { return Grouped(n) + " connect() calls are waiting" }

func (w *synSents) figures(d *Destination) string {
	often := "whether their SYN was repeated is not known"
	switch {
	case w.told == 0:
	case w.repeated == w.n:
		often = fmt.Sprintf("all repeated their SYN, up to %s", Plural(w.most, "time"))
	default:
		often = fmt.Sprintf("%s of them repeated their SYN, up to %s", Grouped(w.repeated), Plural(w.most, "time"))
	}
	return fmt.Sprintf("%s of %s local ports are in SYN-SENT; %s; %s ESTAB.",
		Grouped(w.n), Grouped(d.Ports.Capacity), often, Grouped(d.established()))
}

func synSentRemedies(d *Destination) []Remedy {
	return []Remedy{
		checkPeer(d),
		{Kind: RemedyApplication, Page: string(SynSentPileup),
			Text:   "give connect() a time-out of a few seconds",
			Effect: "a port is then held for seconds instead of two minutes"},
		{Kind: RemedyApplication, Page: string(SynSentPileup),
			Text:   "stop asking a destination that fails (a circuit breaker, longer pauses)",
			Effect: "attempts that cannot succeed hold no port; no sysctl brings an answer"},
	}
}
