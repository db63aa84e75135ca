package diagnosis

import (
	"fmt"
	"strconv"

	"github.com/359a26c5/twtop/source"
)

// listenOverflowRule tells listen-overflow: an accept queue is full, so that
// the kernel drops what comes next (sk_acceptq_is_full, include/net/sock.h), or
// it was within the last minute: TcpExt ListenOverflows grew. ListenDrops grows
// for other reasons too, and is no sign.
type listenOverflowRule struct {
	growth growth
	last   *serviceKey // the service that was full last; nil where none was seen
	waits  waiting
}

const (
	keySomaxconn = "net.core.somaxconn"
	// A backlog that somaxconn bounds is raised to at least this, which is its
	// default since Linux 5.4, and at most to that.
	leastSomaxconn, mostSomaxconn = 4096, 65535
)

func (l *listenOverflowRule) look(s *scene) []Finding {
	n, _ := s.grown(func(c *source.Counters) *uint64 { return c.ListenOverflows })
	l.growth.observe(s, n)
	var full []int
	for i := range s.Services {
		if s.Services[i].queueFull() {
			full = append(full, i)
		}
	}
	l.waits.frame(s, full[:min(len(full), maxSubjects)])
	dropped, _ := l.growth.lately()
	if dropped == 0 && len(full) == 0 {
		l.last = nil
		return nil
	}
	if len(full) == 0 {
		return []Finding{l.lately(s)}
	}
	key := s.Services[full[0]].key() // services come fullest first
	l.last = &key
	var found []Finding
	for _, i := range full[:min(len(full), maxSubjects)] {
		f := socketRow{-1, i}.finding(s, ListenOverflow, SeverityWarning)
		f.Confidence = Certain
		stuck := l.waits.stuck(s, &s.Services[i])
		f.Claim = f.Subject + " accepts too slowly: its accept queue is full, and further connections are dropped"
		if stuck > 0 {
			f.Claim = f.Subject + " accepts nothing: its accept queue is full, and further connections are dropped"
		}
		f.Evidence = append([]string{s.Services[i].queueWords(stuck)}, l.counted(s)...)
		f.Remedies = s.queueRemedies(&s.Services[i], stuck > 0)
		found = append(found, f)
	}
	return andMore(found, len(full)-len(found))
}

// queueFull reports whether one of the listening sockets takes nothing more in.
func (s *Service) queueFull() bool { return s.WorstQueue != nil && *s.WorstQueue > *s.WorstBacklog }

// lately is what is said where the counter grew and no queue is full now. The
// service is the one that was full last, else nobody knows which.
func (l *listenOverflowRule) lately(s *scene) Finding {
	at := -1
	for i := range s.Services {
		if v := &s.Services[i]; l.last != nil && !v.Gone && v.key() == *l.last {
			at = i
			break
		}
	}
	if at < 0 {
		f := ofHost(ListenOverflow, "A service accepts too slowly: its accept queue was full, and connections were dropped")
		f.Evidence = append(l.counted(s), s.fullestWords())
		f.Remedies = s.queueRemedies(nil, false)
		return f
	}
	f := socketRow{-1, at}.finding(s, ListenOverflow, SeverityWarning)
	f.Claim = f.Subject + " accepts too slowly: its accept queue was full, and connections were dropped"
	f.Evidence = append(l.counted(s), "Now: "+s.Services[at].queueWords(0))
	f.Remedies = s.queueRemedies(&s.Services[at], false)
	return f
}

// counted is what the counter says of the last minute.
func (l *listenOverflowRule) counted(s *scene) []string {
	n, _ := l.growth.lately()
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("ListenOverflows grew by %s %s.", amount(n), l.growth.when(s.Snapshot.Clock))}
}

// queueWords is the queue of the fullest socket, of which nothing was accepted
// for so many ms, or 0.
func (s *Service) queueWords(stuck uint32) string {
	if s.WorstQueue == nil {
		return "its accept queue is not known."
	}
	text := inQueue(*s.WorstQueue) + " to be accepted"
	if stuck > 0 {
		text += fmt.Sprintf(", and none has been for %s", lasting(stuck))
	}
	of := "the backlog is " + Grouped(*s.WorstBacklog)
	if *s.WorstQueue == *s.WorstBacklog+1 {
		of += ", and the kernel queues one more"
	}
	if s.Sockets > 1 {
		of = fmt.Sprintf("at one of %d listening sockets (SO_REUSEPORT) %s", s.Sockets, of)
	}
	return fmt.Sprintf("%s; %s.", text, of)
}

// fullestWords names the service that is nearest to it now.
func (s *scene) fullestWords() string {
	if len(s.Services) == 0 || s.Services[0].WorstQueue == nil || *s.Services[0].WorstQueue == 0 {
		return "No queue is seen to fill now: it was short, or between two looks."
	}
	v := &s.Services[0]
	return fmt.Sprintf("The fullest now is %s: %s", v.name(), v.queueWords(0))
}

// queueRemedies help a service that accepts too slowly or nothing, or any where
// v is nil.
func (s *scene) queueRemedies(v *Service, nothing bool) []Remedy {
	out := []Remedy{lookAt(v, nothing), {Kind: RemedyApplication, Page: string(ListenOverflow),
		Text:   "let the program accept sooner (a blocked event loop, too few workers)",
		Effect: "a longer queue only helps against bursts"}}
	if v == nil || v.WorstBacklog == nil {
		return out
	}
	backlog, most := *v.WorstBacklog, sysctlInt(s.Snapshot, keySomaxconn)
	if most != nil && backlog >= *most {
		if r, ok := s.moreSomaxconn(*most); ok {
			out = append(out, r)
		}
		return out
	}
	bound := ""
	if most != nil {
		bound = fmt.Sprintf(", up to somaxconn, %s", Grouped(*most))
	}
	return append(out, Remedy{Kind: RemedyApplication, Page: string(ListenOverflow),
		Text:   fmt.Sprintf("for bursts ask for a longer backlog in listen() (now %s)", Grouped(backlog)),
		Effect: "bears longer bursts" + bound + "; takes a restart"})
}

// lookAt is what to do at once about the program that does not accept.
func lookAt(v *Service, nothing bool) Remedy {
	r := Remedy{Kind: RemedySystem, Page: string(ListenOverflow),
		Effect: "one that hangs accepts nothing until then; one that is only slow needs more workers"}
	switch {
	case v == nil:
		r.Text = "find the full queue with ss -ltn (Recv-Q above Send-Q), and see what its program does"
	case nothing:
		r.Text = fmt.Sprintf("restart the program that ss -ltnp 'sport = :%d' names", v.Local.Port())
	default:
		r.Text = fmt.Sprintf("find the program with ss -ltnp 'sport = :%d', and restart it if it hangs", v.Local.Port())
	}
	return r
}

// moreSomaxconn raises the cap that a backlog has reached.
func (s *scene) moreSomaxconn(now int) (Remedy, bool) {
	value := min(max(roundUp(uint64(2*max(now, 0))), leastSomaxconn), mostSomaxconn)
	if value <= uint64(max(now, 0)) {
		return Remedy{}, false
	}
	r := s.set(keySomaxconn, strconv.FormatUint(value, 10))
	r.Page = string(ListenOverflow)
	r.Effect = "bears longer bursts; a service gets it at its next listen(): restart it, with a backlog as high"
	return r, true
}
