package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/live/thread"
	"github.com/359a26c5/twtop/source/sysctl"
)

// lab is a namespace to change sysctls in. Its commands have a /var/lib of
// their own, where the journal is.
type lab struct {
	*netnstest.NS
	t      *testing.T
	varLib string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{NS: netnstest.New(t), t: t, varLib: t.TempDir()}
	l.SetRange(61000, 61479)
	l.Set(sysctl.TWReuse, "0")
	l.Set(sysctl.Timestamps, "0")
	l.Set(sysctl.LocalReservedPorts, "8080,9000-9010")
	return l
}

// command is argv in a mount namespace in which prepare was run by a shell.
func (l *lab) command(prepare string, argv ...string) *exec.Cmd {
	c := exec.Command("/bin/sh", append([]string{"-c", `mount --bind "$0" /var/lib && ` + prepare + ` exec "$@"`, l.varLib}, argv...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	return c
}

// ended is what became of a command.
type ended struct {
	out, err string
	code     int // -1: killed
}

func run1(c *exec.Cmd) (e ended, err error) {
	var out, stderr bytes.Buffer
	c.Stdout, c.Stderr = &out, &stderr
	err = c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	e.out, e.err = out.String(), stderr.String()
	if c.ProcessState != nil {
		e.code = c.ProcessState.ExitCode()
	}
	return e, err
}

// twtop runs `twtop sysctl` from outside the namespace.
func (l *lab) twtop(words ...string) ended {
	l.t.Helper()
	return l.ends(l.command("", slices.Concat([]string{program(l.t), "sysctl"}, words, []string{"--netns", l.Path()})...))
}

func (l *lab) ends(c *exec.Cmd) ended {
	l.t.Helper()
	e, err := run1(c)
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

// must is twtop where it has to succeed.
func (l *lab) must(words ...string) string {
	l.t.Helper()
	e := l.twtop(words...)
	if e.code != exitDone || e.err != "" {
		l.t.Fatalf("%q: exit code %d\n%s%s", words, e.code, e.out, e.err)
	}
	return e.out
}

// fails is twtop where it has to fail with a word.
func (l *lab) fails(e ended, word string) {
	l.t.Helper()
	if e.code != exitFailed || !strings.Contains(e.err, word) || strings.Count(e.err, "\n") != 1 {
		l.t.Errorf("exit code %d, want %d and %q\n%s\n%s", e.code, exitFailed, word, e.out, e.err)
	}
}

// values are all keys of the catalogue, as the thread that asks sees them.
func values(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, key := range sysctl.Names() {
		v, ok, err := sysctl.Proc{Root: "/proc"}.Read(key)
		if err != nil {
			t.Error(err)
		} else if ok {
			out[key] = v
		}
	}
	return out
}

func (l *lab) values() (out map[string]string) {
	l.t.Helper()
	l.Do(func() { out = values(l.t) })
	return out
}

func (l *lab) holds(when string, want map[string]string) {
	l.t.Helper()
	holdValues(l.t, when, l.values(), want)
}

func holdValues(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s: %s is %q, want %q", when, key, got[key], want[key])
		}
	}
}

// clients open one connection after another to 127.0.0.1:4001 and close it, so
// many per second.
type clients struct {
	stop func() error
	done chan error
	mu   sync.Mutex
	ok   int
	last time.Time // failure
	bad  int
}

func (l *lab) clients(perSecond int) *clients {
	l.t.Helper()
	stop := make(chan struct{})
	c := &clients{done: make(chan error, 1)}
	c.stop = sync.OnceValue(func() error {
		close(stop)
		return <-c.done
	})
	thread.Go(func() { c.done <- c.run(l.Path(), time.Second/time.Duration(perSecond), stop) })
	l.t.Cleanup(func() { c.end(l.t) })
	return c
}

func (c *clients) end(t *testing.T) {
	t.Helper()
	if err := c.stop(); err != nil {
		t.Error(err)
	}
}

// run is on a thread in the namespace, which ends with it.
func (c *clients) run(netns string, every time.Duration, stop <-chan struct{}) error {
	fd, err := unix.Open(netns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return err
	}
	server := &unix.SockaddrInet4{Port: 4001, Addr: [4]byte{127, 0, 0, 1}}
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(listener)
	if err := errors.Join(unix.Bind(listener, server), unix.Listen(listener, 128)); err != nil {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-tick.C:
		}
		err := once(listener, server)
		if err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
			return err
		}
		c.count(err)
	}
}

func once(listener int, server unix.Sockaddr) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	err = unix.Connect(fd, server)
	_ = unix.Close(fd)
	if err != nil {
		return err
	}
	accepted, _, err := unix.Accept(listener)
	if err != nil {
		return err
	}
	return unix.Close(accepted)
}

func (c *clients) count(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.ok++
	} else {
		c.bad, c.last = c.bad+1, time.Now()
	}
}

func (c *clients) counts() (ok, bad int, last time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ok, c.bad, c.last
}

// fail waits until so many have failed.
func (c *clients) fail(t *testing.T, n int) {
	t.Helper()
	c.until(t, "the ports do not run out", func(_, bad int) bool { return bad >= n })
}

// open waits until so many more were opened, and returns how many failed up to
// then, and when the last one did.
func (c *clients) open(t *testing.T, n int) (failed int, last time.Time) {
	t.Helper()
	before, _, _ := c.counts()
	c.until(t, "connections are not opened any more", func(ok, _ int) bool { return ok >= before+n })
	_, failed, last = c.counts()
	return failed, last
}

func (c *clients) until(t *testing.T, never string, there func(ok, bad int) bool) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if ok, bad, _ := c.counts(); there(ok, bad) {
			return
		}
		if time.Now().After(end) {
			t.Fatal(never)
		}
	}
}

// storm is how many connections a second use the lab's ports up, where a test
// wants no more of them than that.
const storm = 500

// inside starts a command in the namespace.
func (l *lab) inside(c *exec.Cmd) error {
	var err error
	l.Do(func() { err = c.Start() })
	return err
}

// endsInside is ends for a command that is in the namespace as a whole.
func (l *lab) endsInside(c *exec.Cmd) ended {
	l.t.Helper()
	var e ended
	var err error
	l.Do(func() { e, err = run1(c) })
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
