package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/tune"
	"github.com/359a26c5/twtop/ui"
)

// spaces are the network namespaces that the screen can go to.
type spaces struct {
	*live.Survey
	config live.Config // without a namespace
	flags  screenFlags
	cmd    *cobra.Command

	mu    sync.Mutex
	open  map[*live.Source]*saver
	saved []ui.SaveState // recordings of those that were closed
}

var _ ui.Namespaces = (*spaces)(nil)

// newSpaces returns nil where namespaces cannot be looked into.
func newSpaces(cmd *cobra.Command, o *screenFlags, config live.Config) *spaces {
	config.NetNS, config.PID = "", 0
	s, err := live.NewSurvey(config, verdictOf)
	if err != nil {
		return nil
	}
	return &spaces{Survey: s, config: config, flags: *o, cmd: cmd, open: map[*live.Source]*saver{}}
}

// offer gives the screen the namespaces; src is where it begins.
func (s *spaces) offer(o *ui.Options, src *live.Source, root bool) {
	if s == nil {
		return
	}
	o.Namespaces, o.Namespace, o.Unasked = s, src.Namespace(), root
}

// Step looks on. Where it fails, the way out is to ask for one namespace.
func (s *spaces) Step(ctx context.Context) (time.Duration, error) {
	rest, err := s.Survey.Step(ctx)
	if err != nil {
		err = fmt.Errorf("the network namespaces could not be found: %w", err)
	}
	return rest, err
}

// Enter opens a namespace for the screen.
func (s *spaces) Enter(ctx context.Context, n source.Namespace) (ui.Place, error) {
	src, err := live.OpenNamespace(&n, s.config)
	switch {
	case errors.Is(err, live.ErrGone):
		return ui.Place{}, fmt.Errorf("%v is gone: nothing holds it any more", &n)
	case err != nil:
		return ui.Place{}, err
	case ctx.Err() != nil:
		_ = src.Close()
		return ui.Place{}, ctx.Err()
	}
	flags := s.flags
	flags.target.pid, flags.target.netns = 0, src.Chosen()
	var host *tune.Host = flags.tuner(s.cmd, src)
	config := live.Config{NetNS: src.Chosen()}
	keeping := newSaver(host.Watch(src), time.Duration(flags.interval))
	s.mu.Lock()
	s.open[src] = keeping
	s.mu.Unlock()
	return ui.Place{
		Source: keeping, Saver: keeping, Tuner: host, Namespace: src.Namespace(), NetNSPath: netnsPath(&config),
		Close: func() { s.close(src) },
	}, nil
}

// close closes a source once, and ends what is recorded of it.
func (s *spaces) close(src *live.Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keeping := s.open[src]
	if keeping == nil {
		return
	}
	delete(s.open, src)
	_ = keeping.Stop()
	s.saved = append(s.saved, keeping.State())
	_ = src.Close()
}

// closeAll ends the survey, closes what the screen did not, and says where the
// recordings are.
func (s *spaces) closeAll() {
	if s == nil {
		return
	}
	_ = s.Survey.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.saved {
		tellSaved(os.Stderr, st)
	}
	for src, keeping := range s.open {
		keeping.farewell()
		_ = src.Close()
	}
	clear(s.open)
}
