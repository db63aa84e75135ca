package live

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Survey looks into all namespaces of the host again and again, a little at a
// time. Its methods may be called from any goroutine.
type Survey struct {
	cfg   Config
	judge Judge
	now   func() time.Time

	mu      sync.Mutex // of Step
	visitor *visitor
	began   time.Time   // of the round
	glances []*surveyed // still to be made in this round
	dumps   []*surveyed // likewise, the most suspect first
	spent   time.Duration

	state   sync.Mutex // of what follows
	places  []*surveyed
	gaps    []string
	watched uint64
	from    float64 // as worthDump
}

// surveyed is a namespace of the survey.
type surveyed struct {
	source.Standing
	goneAt time.Time
}

// NewSurvey prepares a survey; it looks at nothing yet.
func NewSurvey(cfg Config, judge Judge) (*Survey, error) {
	v, err := newVisitor(cfg.procRoot())
	if err != nil {
		return nil, err
	}
	return &Survey{cfg: cfg, judge: judge, now: time.Now, visitor: v, from: worthDump}, nil
}

// Watch leaves out the sockets of the namespace with that cookie, which
// somebody else lists already; 0 leaves out none.
func (s *Survey) Watch(cookie uint64) {
	s.state.Lock()
	defer s.state.Unlock()
	s.watched = cookie
}

// ListFrom makes the survey list the sockets of a namespace from that pressure
// on, in percent, that their number does not rule out.
func (s *Survey) ListFrom(percent float64) {
	s.state.Lock()
	defer s.state.Unlock()
	s.from = percent
}

// Standing returns all namespaces, the worst first, and what could not be seen.
// It never waits for a Step.
func (s *Survey) Standing() (list []source.Standing, gaps []string) {
	s.state.Lock()
	defer s.state.Unlock()
	list = make([]source.Standing, len(s.places))
	for i, p := range s.places {
		list[i] = p.Standing
	}
	slices.SortStableFunc(list, source.WorseFirst)
	return list, slices.Clone(s.gaps)
}

// Step looks on for a few milliseconds, or until one dump is made, and returns
// how long to wait before the next so that all steps together take at most 2 %
// of one core. An error is of the whole survey, or the context's; what is wrong
// with one namespace is in its Standing.
func (s *Survey) Step(ctx context.Context) (rest time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visitor == nil {
		return 0, errClosed
	}
	start := s.now()
	s.spent = 0
	if s.idle() {
		err = s.begin(ctx)
	}
	for err == nil && ctx.Err() == nil && !s.idle() && s.spent < surveySlice {
		err = s.next(ctx)
	}
	rest = time.Duration(float64(s.spent)/surveyShare) - s.now().Sub(start)
	if s.idle() {
		rest = max(rest, surveyRound-s.now().Sub(s.began))
	}
	if err != nil {
		rest = surveyRound
	}
	return max(rest, 0), err
}

// Round makes steps without rest until each namespace was looked into once.
func (s *Survey) Round(ctx context.Context) error {
	for first := true; ; first = false {
		s.mu.Lock()
		done := !first && s.idle()
		s.mu.Unlock()
		if done {
			return ctx.Err()
		}
		if _, err := s.Step(ctx); err != nil {
			return err
		}
	}
}

func (s *Survey) idle() bool { return len(s.glances)+len(s.dumps) == 0 }

// begin finds the namespaces anew.
func (s *Survey) begin(ctx context.Context) error {
	s.began = s.now()
	all, err := findAll(ctx, s.visitor, &s.cfg)
	if err != nil {
		return err
	}
	s.spent += all.cpu
	s.state.Lock()
	defer s.state.Unlock()
	s.merge(all)
	for _, p := range s.places {
		if !p.Gone && p.Refused == "" {
			s.glances = append(s.glances, p)
		}
	}
	return nil
}

// merge keeps what is known of namespaces that were there before.
func (s *Survey) merge(all *found) {
	now := s.now()
	old := s.places
	s.places, s.gaps = nil, all.gaps
	for i := range all.list {
		n := &all.list[i]
		p := &surveyed{Standing: source.Standing{Namespace: *n, Trouble: n.Refused}}
		at := slices.IndexFunc(old, func(o *surveyed) bool { return !o.Gone && o.Same(n) })
		if at >= 0 {
			p.Standing = old[at].Standing
			p.Namespace = *n
			if n.Refused != "" {
				p.Trouble = n.Refused
			}
			old = slices.Delete(old, at, at+1)
		}
		s.places = append(s.places, p)
	}
	for _, p := range old {
		if !p.Gone {
			p.Gone, p.goneAt = true, now
		}
		if now.Sub(p.goneAt) < goneFor {
			s.places = append(s.places, p)
		}
	}
}

// next looks into the next namespace: all of them at their figures first.
func (s *Survey) next(ctx context.Context) error {
	if len(s.glances) > 0 {
		p := s.glances[0]
		s.glances = s.glances[1:]
		return s.look(ctx, p, false)
	}
	p := s.dumps[0]
	s.dumps = s.dumps[1:]
	return s.look(ctx, p, true)
}

// look visits a namespace and keeps what it sees.
func (s *Survey) look(ctx context.Context, p *surveyed, list bool) error {
	before := s.standing(p)
	v := nsVisit{visitor: s.visitor, cfg: &s.cfg, namespace: before.Namespace, judge: s.judge, list: list}
	saw, err := v.run(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		saw = &glimpse{trouble: err}
	}
	s.spent += saw.cpu
	s.state.Lock()
	defer s.state.Unlock()
	s.keep(p, saw)
	if !list && s.suspect(p) {
		s.dumps = append(s.dumps, p)
		slices.SortStableFunc(s.dumps, moreSuspect)
	}
	return nil
}

func (s *Survey) standing(p *surveyed) source.Standing {
	s.state.Lock()
	defer s.state.Unlock()
	return p.Standing
}

// keep puts a glimpse into the standing.
func (s *Survey) keep(p *surveyed, saw *glimpse) {
	switch {
	case errors.Is(saw.trouble, ErrGone):
		p.Gone, p.goneAt = true, s.now()
		return
	case saw.trouble != nil:
		p.Trouble = source.Clean(saw.trouble.Error(), maxTrouble)
		return
	}
	p.Looked, p.Trouble = saw.taken, ""
	if saw.verdict != nil {
		p.Verdict = saw.verdict
		return
	}
	p.Range, p.RangeKnown = saw.facts.ports, saw.facts.portsKnown
	p.Sockets, p.TimeWait, p.AtMost = saw.sockets, saw.facts.timeWait, saw.atMost
	if !s.suspect(p) {
		p.Verdict = nil // so few sockets say enough
	}
}

// maxTrouble bounds what is said of a failure, in characters.
const maxTrouble = 500

// suspect reports whether the sockets have to be listed to know more.
func (s *Survey) suspect(p *surveyed) bool {
	if p.Gone || p.Trouble != "" || p.Cookie != 0 && p.Cookie == s.watched {
		return false
	}
	return p.AtMost == nil || *p.AtMost >= s.from
}

// moreSuspect is for namespaces to be listed: most sockets first.
func moreSuspect(a, b *surveyed) int {
	bound := func(p *surveyed) float64 {
		if p.AtMost == nil {
			return 100
		}
		return *p.AtMost
	}
	return cmp.Compare(bound(b), bound(a))
}

// Close frees the thread. A Step under way ends first.
func (s *Survey) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visitor != nil {
		s.visitor.close()
		s.visitor = nil
	}
	return nil
}
