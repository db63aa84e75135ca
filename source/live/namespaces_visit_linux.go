package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/procnet"
)

// nsVisit is one look into a namespace.
type nsVisit struct {
	visitor   *visitor
	cfg       *Config
	namespace source.Namespace
	judge     Judge
	list      bool // its sockets as well
}

// glimpse is what was seen.
type glimpse struct {
	taken   time.Time
	facts   *facts
	sockets *int
	atMost  *float64
	verdict *source.Verdict
	trouble error
	cpu     time.Duration
}

// run goes there. The error is that of the way; what is wrong there is trouble.
func (v nsVisit) run(ctx context.Context) (*glimpse, error) {
	result := make(chan *glimpse, 1)
	err := v.visitor.do(ctx, findLimit, func(ctx context.Context) {
		before := threadCPU()
		saw := v.look(ctx)
		saw.cpu += threadCPU() - before
		result <- saw
	})
	if err != nil {
		return nil, err
	}
	return <-result, nil
}

// look runs on the visitor's thread.
func (v *nsVisit) look(ctx context.Context) *glimpse {
	file, err := v.open()
	if err != nil {
		return &glimpse{trouble: err}
	}
	defer func() { _ = file.Close() }()
	saw := &glimpse{taken: time.Now()}
	enter := v.visitor.within
	if v.namespace.Own { // the thread is there, and to enter it takes root
		enter = func(_ *os.File, fn func()) error { fn(); return nil }
	}
	err = enter(file, func() {
		switch cookie := cookieHere(); {
		case cookie != 0 && v.namespace.Cookie != 0 && cookie != v.namespace.Cookie:
			saw.trouble = ErrGone
		case v.list:
			saw.trouble = v.dump(ctx, file, saw)
		default:
			saw.glance(procnet.FS{Root: v.cfg.procRoot()})
		}
	})
	if err != nil {
		saw.trouble = errors.New(refusal(err, v.namespace.Foreign))
	}
	return saw
}

// open finds a way that still leads there.
func (v *nsVisit) open() (*os.File, error) {
	failed := fmt.Errorf("%v: %w", &v.namespace, ErrGone)
	for _, path := range v.namespace.Paths {
		file, err := v.visitor.open(path, v.namespace.Inode)
		if err == nil {
			return file, nil
		}
		if !os.IsNotExist(err) {
			failed = err
		}
	}
	return nil, failed
}

// glance reads the range and the number of sockets, which tell at once that a
// namespace is calm: 0.2 ms.
func (s *glimpse) glance(proc procnet.FS) {
	f := readPortFacts(proc, nil)
	stat, err := proc.SockStat()
	f.miss(err)
	f.readSizes(stat)
	s.facts = f
	if f.connectionsKnown() {
		n := f.connections()
		s.sockets = &n
	}
	s.atMost = f.pressureBound(stat)
}

// readPortFacts reads the sysctls that the ports depend on, and keys.
func readPortFacts(proc procnet.FS, keys []string) *facts {
	f := &facts{unhashed: proc.Unhashed}
	var err error
	f.sysctls, err = proc.Sysctls(append([]string{keyPortRange, keyReservedPorts}, keys...))
	f.miss(err)
	f.readPorts()
	return f
}

// pressureBound is what the pressure on any destination may be at the most, in
// percent: a port in use takes a socket that is connected there, and a port that
// is taken from every destination a listener, a bound-inactive socket or a
// connection, so n sockets cannot press by more than n ÷ the ports that are not
// reserved. Bound-inactive sockets are in "sockets: used" only, the kernel's own
// in "inuse" only: the sum has all of them. nil if unknown.
func (f *facts) pressureBound(stat *procnet.SockStat) *float64 {
	if !f.connectionsKnown() || !f.portsKnown || !f.reservedKnown || stat == nil {
		return nil
	}
	used := count(stat.Used)
	if used == nil {
		return nil
	}
	ports := f.ports.Size() - f.reserved.LenIn(f.ports)
	percent := 100.0
	if n := f.connections() + *used; n < ports {
		percent = 100 * float64(n) / float64(ports)
	}
	return &percent
}

// dump lists the sockets and judges them.
func (v *nsVisit) dump(ctx context.Context, file *os.File, saw *glimpse) error {
	proc := procnet.FS{Root: v.cfg.procRoot()}
	f := readPortFacts(proc, v.cfg.SysctlKeys)
	stat, err := proc.SockStat()
	f.miss(err)
	f.readSizes(stat)
	release := kernelRelease()
	ns := &namespace{file: file}
	if v.namespace.Own {
		ns.file = nil // to enter it takes root
	}
	kernel := border{clock: kernelClock{}, dial: func() (wire, error) { return dialNetlink(ns) }}
	var t table = newDiagTable(kernel, v.cfg.Family, release)
	snap, err := t.read(ctx, f)
	t.close()
	kind := source.KindLive
	if err != nil && withoutDiag(err) {
		t, kind = newProcTable(proc, v.cfg.Family, kernel.clock, err), source.KindProc
		snap, err = t.read(ctx, f)
	}
	if err != nil {
		return err
	}
	snap.Taken, snap.Kind, snap.Sysctls = saw.taken, kind, f.sysctls
	snap.Host = source.Host{Kernel: release, NetNS: v.namespace.String(), Cookie: v.namespace.Cookie}
	snap.Gaps = append(f.gaps, snap.Gaps...)
	saw.cpu += snap.Cost.CPU // of another thread
	verdict := v.judge(snap)
	saw.verdict = &verdict
	return nil
}

// kernelRelease is `uname -r`.
func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
