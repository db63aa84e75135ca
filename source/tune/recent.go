package tune

import (
	"context"
	"sync"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// keep is how long at least a port is remembered that something was bound to: a
// service that is restarted comes back within it. After twice as long it is
// forgotten, so that ports which programs choose at random do not pile up.
const keep = 10 * time.Minute

// recent are the ports of services in the frames of late.
type recent struct {
	mu          sync.Mutex
	now, before sysctl.Holders
	since       time.Time // Snapshot.Taken of the first frame in now
}

func (r *recent) see(s *source.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := s.Taken.Sub(r.since); age >= keep || age < 0 {
		r.before, r.now, r.since = r.now, sysctl.Holders{}, s.Taken
	}
	r.now.See(s)
}

// recall adds what is remembered.
func (r *recent) recall(h *sysctl.Holders) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, old := range []*sysctl.Holders{&r.now, &r.before} {
		h.Listening.Union(&old.Listening)
		h.Bound.Union(&old.Bound)
	}
}

// names are whose the ports of listeners are, as far as that is known.
func names(s *source.Snapshot) map[uint16]string {
	if s.Owners == nil {
		return nil
	}
	out := map[uint16]string{}
	for i := range s.Listeners {
		l := &s.Listeners[i]
		if p := s.Owners.Holder(l.Detail.Inode); p != nil && l.Detail.Inode != 0 {
			out[l.Port] = p.Name
		}
	}
	return out
}

// See remembers the ports of services that a snapshot shows.
func (h *Host) See(s *source.Snapshot) { h.recent.see(s) }

// Watch returns a source that lets the host see each snapshot it gives.
func (h *Host) Watch(src source.Source) source.Source { return watched{src, h} }

type watched struct {
	source.Source
	host *Host
}

// Read gives the next snapshot.
func (w watched) Read(ctx context.Context) (*source.Snapshot, error) {
	s, err := w.Source.Read(ctx)
	if err == nil {
		w.host.See(s)
	}
	return s, err
}
