package live

import (
	"errors"

	"github.com/359a26c5/twtop/source"
)

// Within runs fn on a thread inside the namespace: what fn opens below
// procRoot/sys/net is that namespace's. It waits for a Read under way, and the
// next Read waits for it.
func (s *Source) Within(fn func(procRoot string)) error {
	if !s.worker.do(func() { fn(s.cfg.procRoot()) }) {
		return errors.New("the look at the network namespace has ended")
	}
	return nil
}

// Host is what the source looks at.
func (s *Source) Host() source.Host { return s.host }
