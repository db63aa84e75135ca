package diagnosis

import (
	"fmt"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// halfClosed adds n connections that this side closed age ms ago, without a process.
func (w *world) halfClosed(n int, remote string, age int) {
	for range n {
		e := w.conn("10.0.0.1", 20000+len(w.entries), remote, source.StateFinWait2)
		e.Timer, e.Expires = source.TimerTimeWait, uint32(60_000-age)
	}
}

func TestFinWait2Pileup(t *testing.T) {
	orphans := func(n, age int) func(*world) { return func(w *world) { w.halfClosed(n, away, age) } }
	held := func(n int, ms uint32) func(*world) {
		return func(w *world) { w.many(n, away, source.StateFinWait2, quiet(ms)) }
	}
	for name, c := range map[string]struct {
		make func(*world)
		says string // "" for nothing
	}{
		"50 orphans of 4 s":      {orphans(50, 4000), "50 of them without a process; 50 for more than 4 s, the oldest for 4 s"},
		"49 orphans":             {orphans(49, 50_000), ""},
		"50 orphans of 3.9 s":    {orphans(50, 3_999), ""},
		"20 held":                {held(20, 60_000), "20 are held by the client, which was done with writing"},
		"19 held":                {held(19, 600_000), ""},
		"20 held, not for long":  {held(20, 59_999), ""},
		"20 held, ages unknown":  {func(w *world) { w.many(20, away, source.StateFinWait2, source.Detail{}) }, ""},
		"orphans, time unknown":  {func(w *world) { orphans(90, 50_000)(w); delete(w.sysctls, sysctl.FinTimeout) }, ""},
		"orphans, shorter time":  {func(w *world) { orphans(90, 50_000)(w); w.sysctls[sysctl.FinTimeout] = "14" }, "the oldest for 4 s"},
		"orphans, longer time":   {func(w *world) { orphans(90, 3000)(w); w.sysctls[sysctl.FinTimeout] = "300" }, ""},
		"accepted orphans":       {acceptedOrphans, ""},
		"many held by a service": {func(w *world) { w.serve(20, "192.0.2.1", source.StateFinWait2, quiet(70_000)) }, "10.0.0.1:80: the clients do not close 20 connections that the server closed"},
		"a broken sysctl":        {func(w *world) { orphans(90, 50_000)(w); w.sysctls[sysctl.FinTimeout] = "-1" }, ""},
	} {
		w := newWorld()
		w.frame.Range = source.DefaultPortRange
		w.listen("10.0.0.1:80")
		w.sysctls[sysctl.FinTimeout] = "60"
		c.make(w)
		found := of(assess(w), FinWait2Pileup)
		if c.says == "" {
			none(t, found, name)
			continue
		}
		f := one(t, found, c.says, "page close-wait-leak", "find out why the ")
		if f.remedyFor(sysctl.FinTimeout) != "" {
			t.Errorf("%s: ports are not short: %+v", name, f.Remedies)
		}
	}
}

func acceptedOrphans(w *world) {
	for i := range 5000 {
		e := w.conn("10.0.0.1", 80, addr4(i), source.StateFinWait2)
		e.Timer, e.Expires = source.TimerTimeWait, 20_000
	}
}

// TestFinWait2Sysctl: tcp_fin_timeout is named where those fill the range, and
// never as a cure for TIME_WAIT.
func TestFinWait2Sysctl(t *testing.T) {
	w := newWorld() // 100 ports
	w.sysctls[sysctl.FinTimeout] = "60"
	w.halfClosed(60, away, 10_000)
	f := one(t, of(assess(w), FinWait2Pileup), "TIME-WAIT stays 60 s whatever is set")
	if f.remedyFor(sysctl.FinTimeout) != "15" || f.Remedies[0].Kind != RemedySystem {
		t.Errorf("%+v", f.Remedies)
	}
}

// TestFinWait2Explained: where the far end is in this namespace, close-wait-leak
// names the culprit.
func TestFinWait2Explained(t *testing.T) {
	for _, leaks := range []int{60, 11, 10} {
		w := newWorld()
		w.sysctls[sysctl.FinTimeout] = "60"
		w.listen(backend)
		for i := range 60 {
			e := w.conn(lo, 20000+i, backend, source.StateFinWait2)
			e.Timer, e.Expires = source.TimerTimeWait, 20_000
		}
		for i := range leaks {
			w.conn(lo, 4001, fmt.Sprintf("127.0.0.1:%d", 20000+i), source.StateCloseWait).Detail = quiet(40_000)
		}
		r := assess(w)
		if got, want := len(of(r, FinWait2Pileup)), map[bool]int{true: 0, false: 1}[leaks > 10]; got != want {
			t.Errorf("%d leaks: %d findings, want %d", leaks, got, want)
		}
		if got := len(of(r, CloseWaitLeak)) == 1; got != (leaks >= leakCount) {
			t.Errorf("%d leaks: close-wait-leak is %v", leaks, got)
		}
	}
}
