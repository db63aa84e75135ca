package live

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// Source takes snapshots of a network namespace. Read may be called from any
// goroutine; calls follow one another.
type Source struct {
	cfg    Config
	border border
	ns     *namespace
	worker *worker
	proc   procnet.FS
	host   source.Host
	kind   source.Kind
	table  table
	facts  *factReader
	owners *owners // nil where nobody asked
}

var _ source.Source = (*Source)(nil)

// table is where the sockets come from.
type table interface {
	// read makes a snapshot as far as the table goes: flows, sockets,
	// listeners, gaps and what of the cost it knows.
	read(ctx context.Context, f *facts) (*source.Snapshot, error)
	close()
}

// Open prepares to look at the namespace that cfg names, and makes sure that
// the kernel shows its sockets: by sock_diag, or else by /proc/net/tcp.
func Open(cfg Config) (*Source, error) { return open(cfg, border{}) }

func open(cfg Config, kernel border) (*Source, error) {
	if cfg.Family != 0 && cfg.Family != 4 && cfg.Family != 6 {
		return nil, fmt.Errorf("address family %d: choose 4 or 6, or 0 for both", cfg.Family)
	}
	if kernel.clock == nil {
		kernel.clock = kernelClock{}
	}
	ns, err := openNamespace(&cfg)
	if err != nil {
		return nil, err
	}
	w, err := startWorker(ns.enter)
	if err != nil {
		ns.close()
		return nil, err
	}
	if kernel.dial == nil {
		kernel.dial = func() (wire, error) { return dialNetlink(ns) }
	}
	s := &Source{cfg: cfg, border: kernel, ns: ns, worker: w, proc: procnet.FS{Root: cfg.procRoot()}}
	w.do(func() { err = s.start() })
	if err == nil && cfg.Owners {
		s.facts.named = true
		s.owners, err = startOwners(&cfg, s.proc, kernel, ns.enter)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// start runs on the worker's thread.
func (s *Source) start() error {
	s.host = s.describeHost()
	s.facts = newFactReader(s.proc, s.cfg.SysctlKeys)
	err := s.startDiag()
	if err == nil || !withoutDiag(err) {
		return err
	}
	if procErr := s.proc.ProbeTCP(); procErr != nil {
		return fmt.Errorf("this system shows no TCP sockets: neither %w, nor %w", err, procErr)
	}
	s.table, s.kind = newProcTable(s.proc, s.cfg.Family, s.border.clock, err), source.KindProc
	return nil
}

// startDiag opens sock_diag and tries it: a dump of the listeners is cheap.
func (s *Source) startDiag() error {
	t := newDiagTable(s.border, s.cfg.Family, s.host.Kernel)
	if _, _, err := t.listeners(context.Background()); err != nil {
		t.close()
		return err
	}
	if w, ok := t.main.wire.(*netlinkWire); ok {
		s.host.Cookie = w.cookie()
	}
	s.table, s.kind = t, source.KindLive
	return nil
}

// withoutDiag reports whether err says that there is no sock_diag here: not
// built in, no module, or barred by seccomp or a security module.
func withoutDiag(err error) bool {
	for _, target := range []error{
		errors.ErrUnsupported, os.ErrPermission,
		unix.ENOENT, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.ESOCKTNOSUPPORT,
		unix.ECONNREFUSED,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// Close frees the sockets and the thread. A Read under way ends first.
func (s *Source) Close() error {
	s.worker.do(func() {
		if s.table != nil {
			s.table.close()
		}
		if s.facts != nil {
			s.facts.close()
		}
	})
	if s.owners != nil {
		s.owners.close()
	}
	s.worker.close()
	s.ns.close()
	return nil
}
