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
	seen   map[serviceKey]uint32 // Snapshot.Clock at which it was full last
}

const (
	// staysFull is for how many ms a queue is called full after it was seen to
	// be: a busy one gives a place back now and then.
	staysFull = 5000
	// maxSeen is of how many services that is remembered.
	maxSeen      = 1 << 10
	keySomaxconn = "net.core.somaxconn"
	// A backlog that somaxconn bounds is raised to at least this, which is its
	// default since Linux 5.4, and at most to that.
	leastSomaxconn, mostSomaxconn = 4096, 65535
)

func (l *listenOverflowRule) look(s *scene) []Finding {
	n, _ := s.grown(func(c *source.Counters) *uint64 { return c.ListenOverflows })
	l.growth.observe(s, n)
	full, lately := l.queues(s)
	l.waits.frame(s, full[:min(len(full), maxSubjects)])
	dropped, _ := l.growth.lately()
	all := append(full, lately...)
	if len(all) == 0 && dropped > 0 {
		return []Finding{l.lately(s)}
	}
	if l.last = nil; len(all) == 0 {
		return nil
	}
	key := s.Services[all[0]].key()
	l.last = &key
	var found []Finding
	for _, i := range all[:min(len(all), maxSubjects)] {
		found = append(found, l.finding(s, i))
	}
	return andMore(found, len(all)-len(found))
}

// queues are the services whose queue is full, fullest first, and those of
// which it was a moment ago.
func (l *listenOverflowRule) queues(s *scene) (full, lately []int) {
	before, clock := l.seen, s.Snapshot.Clock
	l.seen = nil
	for i := range s.Services {
		v := &s.Services[i]
		at, known := before[v.key()]
		switch {
		case v.queueFull():
			full = append(full, i)
			at = clock
		case known && !v.Gone && elapsed(clock, at) <= staysFull:
			lately = append(lately, i)
		default:
			continue
		}
		if l.seen == nil {
			l.seen = make(map[serviceKey]uint32)
		}
		if len(l.seen) < maxSeen {
			l.seen[v.key()] = at
		}
	}
	return full, lately
}

func (l *listenOverflowRule) finding(s *scene, service int) Finding {
	v := &s.Services[service]
	stuck := l.waits.stuck(s, v)
	f := socketRow{-1, service}.finding(s, ListenOverflow, SeverityWarning)
	f.Confidence = Certain
	f.Claim = l.claim(s, v, stuck)
	now := v.queueWords(stuck)
	if !v.queueFull() {
		now = "Now: " + now
	}
	f.Evidence = append([]string{now}, l.counted(s)...)
	f.Remedies = s.queueRemedies(v, stuck)
	return f
}

// claim says that connections are dropped where the kernel has counted some.
func (l *listenOverflowRule) claim(s *scene, v *Service, stuck uint32) string {
	dropped, _ := l.growth.lately()
	how := "too slowly"
	if stuck > 0 {
		how = "nothing"
	}
	switch ago := elapsed(s.Snapshot.Clock, l.seen[v.key()]); {
	case !v.queueFull() && dropped > 0:
		return fmt.Sprintf("%s accepts %s: its accept queue was full %s ago, and connections were dropped", v.name(), how, lasting(ago))
	case !v.queueFull():
		return fmt.Sprintf("%s accepts %s: its accept queue was full %s ago", v.name(), how, lasting(ago))
	case dropped > 0:
		return fmt.Sprintf("%s accepts %s: its accept queue is full, and further connections are dropped", v.name(), how)
	}
	return fmt.Sprintf("%s accepts %s: its accept queue is full, and further connections would be dropped", v.name(), how)
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
		f.Remedies = s.queueRemedies(nil, 0)
		return f
	}
	f := socketRow{-1, at}.finding(s, ListenOverflow, SeverityWarning)
	f.Claim = f.Subject + " accepts too slowly: its accept queue was full, and connections were dropped"
	f.Evidence = append(l.counted(s), "Now: "+s.Services[at].queueWords(0))
	f.Remedies = s.queueRemedies(&s.Services[at], 0)
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

// queueRemedies help a service that accepts too slowly, or of which nothing was
// accepted for so many ms; or any where v is nil.
func (s *scene) queueRemedies(v *Service, stuck uint32) []Remedy {
	out := []Remedy{lookAt(v, stuck >= hangs), {Kind: RemedyApplication, Page: string(ListenOverflow),
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

// hangs is how long, in ms, nothing has to be accepted before a restart is
// advised: a collection of garbage or a slow request is over by then.
const hangs = 30_000

// lookAt is what to do at once about the program that does not accept.
func lookAt(v *Service, hung bool) Remedy {
	r := Remedy{Kind: RemedySystem, Page: string(ListenOverflow),
		Effect: "one that hangs accepts nothing until then; one that is only slow needs more workers"}
	switch {
	case v == nil:
		r.Text = "find the full queue with ss -ltn (Recv-Q above Send-Q), and see what its program does"
	case hung:
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
