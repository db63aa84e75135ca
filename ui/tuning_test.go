package ui

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source/sysctl"
)

// The screens on the way to a change and back.
func TestTuningScreens(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options, *fakeTuner)
		keys   []string
		frames int
	}{
		"hint":    {},
		"plan":    {keys: []string{"a"}},
		"refused": {change: func(_ *Options, f *fakeTuner) { f.notRoot = true }, keys: []string{"a"}},
		"long":    {change: manyListeners, keys: []string{"a"}},
		"confirm": {change: manyListeners, keys: []string{"a", "y"}},
		"result":  {keys: []string{"a", "y"}, frames: 12},
		"effect":  {keys: []string{"a", "y", "esc"}, frames: 12},
		"failed":  {change: func(_ *Options, f *fakeTuner) { f.fail = "net.ipv4.ip_local_port_range" }, keys: []string{"a", "y"}},
		"undo":    {keys: []string{"a", "y", "u"}},
		"undone":  {keys: []string{"a", "y", "u", "y"}},
		"persist": {keys: []string{"a", "y", "P"}},
		"lasting": {keys: []string{"a", "y", "P", "y", "esc"}},
		"formats": {keys: []string{"a", "x", "j"}},
		"file":    {keys: []string{"a", "x", "enter"}},
		"ports":   {keys: []string{"a", "p", "8", "4", "4", "3", ","}},
		"sysctls": {keys: []string{"a", "y", "esc", "4"}},
		"offer":   {change: func(o *Options, f *fakeTuner) { f.undo = earlier(o.Now()) }},
		"earlier": {change: func(o *Options, f *fakeTuner) { f.undo = earlier(o.Now()) }, keys: []string{"u"}},
		"cured": {change: func(_ *Options, f *fakeTuner) {
			l := f.p.lanes[0]
			was := l.demand
			l.demand = func(s int) int {
				if s > 34 {
					return 0
				}
				return was(s)
			}
		}, frames: 75},
	} {
		for _, s := range sizes {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				x := driveTuned(t, "exhausted", s.w, s.h, c.change)
				x.slowly(c.keys...)
				x.frames(c.frames)
				x.wantShape()
				golden.RequireEqual(t, x.text()+"\n")
			})
		}
	}
}

// manyListeners are more than the plan has room for.
func manyListeners(_ *Options, f *fakeTuner) {
	for p := 10241; p < 11200; p += 2 {
		f.more.Add(uint16(p))
	}
}

// plan shows the plan.
func (x *tuned) plan() {
	x.t.Helper()
	x.slowly("a")
	x.wantText("━ PLAN ━ y writes these 2 values · 2 of 2 changes ticked")
	x.wantWrote()
}

func TestApplyAndUndo(t *testing.T) {
	x := driveTuned(t, "exhausted", 120, 40, nil)
	before := x.tuner.p.sysctl
	x.wantText("[a]")
	x.plan()
	x.slowly("y")
	x.wantText("━ APPLIED ━", "set        net.ipv4.tcp_tw_reuse")
	x.wantWrote("Apply")
	if got := x.tuner.p.sysctl[sysctl.TWReuse]; got != "1" {
		t.Errorf("tcp_tw_reuse is %q", got)
	}
	x.frames(3)
	x.wantText("SINCE THEN", "127.0.0.1 → 127.0.0.1:4001: free 0 → 27,064, failing stopped")
	x.slowly("esc")
	x.wantText("since the apply, 4 s ago: free 0 → 27,064, failing stopped · not persisted [P]")
	x.frames(10)
	x.wantText("since the apply, 14 s ago", "still one new port per request")
	x.slowly("u")
	x.wantText("━ UNDO? ━ y puts back these 2 values", "by root (alice by sudo)")
	x.slowly("y")
	x.wantText("━ UNDONE ━")
	x.wantWrote("Apply", "Undo")
	if !maps.Equal(before, x.tuner.p.sysctl) {
		t.Errorf("after the undo %v", x.tuner.p.sysctl)
	}
	x.slowly("esc")
	x.wantNoText("since the apply", "not persisted")
	if x.followRows != len(x.followed) {
		t.Errorf("%d rows for %d lines", x.followRows, len(x.followed))
	}
	x.slowly("u")
	x.wantText("nothing to undo")
}

// Whatever is not y, pressed once and by itself, writes nothing.
func TestOnlyYesWrites(t *testing.T) {
	y := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y")}
	pasted, alt, many, upper := y, y, y, y
	pasted.Paste, alt.Alt = true, true
	many.Runes, upper.Runes = []rune("yy"), []rune("Y")
	text := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y\n"), Paste: true}
	msgs := map[string]tea.KeyMsg{"pasted": pasted, "alt": alt, "many": many, "upper": upper, "pasted line": text,
		"torn": {Type: tea.KeyRunes, Runes: []rune("[<0;4y;12M")}, "n": {Type: tea.KeyRunes, Runes: []rune("n")}}
	for name, k := range keyTypes {
		if name != "ctrl+c" && name != "ctrl+z" {
			msgs[name] = k
		}
	}
	for name, msg := range msgs {
		x := driveTuned(t, "exhausted", 80, 24, nil)
		x.plan()
		x.clock = x.clock.Add(time.Minute)
		x.send(msg)
		x.wantWrote()
		if s := x.Model.tune.stage; s != stagePlan && s != stageClosed {
			t.Errorf("%s: stage %d, want the plan or none", name, s)
		}
		for _, d := range []string{"u", "P"} {
			x.slowly("esc", d)
			x.clock = x.clock.Add(time.Minute)
			x.send(msg)
			x.wantWrote()
		}
	}
}

// A key that is held down does not come through: y only counts after a pause, and
// after one that came too soon only after a longer one.
func TestHeldKeysWriteNothing(t *testing.T) {
	for _, every := range []time.Duration{30 * time.Millisecond, 250 * time.Millisecond, 660 * time.Millisecond} {
		for _, held := range []string{"y", "enter", "a", "u", "P"} {
			x := driveTuned(t, "exhausted", 80, 24, nil)
			if x.plan(); held == "y" {
				x.press("y")
			}
			for range 40 {
				x.clock = x.clock.Add(every)
				x.press(held)
			}
			x.wantWrote()
		}
	}
}

// after presses a key so long after the one before.
func (x *tuned) after(d time.Duration, key string) {
	x.clock = x.clock.Add(d)
	x.press(key)
}

// A y that comes too soon is not lost without a word.
func TestEarlyYes(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, nil)
	x.plan()
	x.after(settle-time.Millisecond, "y")
	x.wantText("too soon: wait a moment, then press y again")
	x.after(held-time.Millisecond, "y")
	x.wantText("too soon")
	x.wantWrote()
	x.after(held, "y")
	x.wantWrote("Apply")

	x = driveTuned(t, "exhausted", 80, 24, nil)
	x.plan()
	x.after(settle, "j")
	x.after(settle-time.Millisecond, "y")
	x.after(time.Millisecond, "k")
	x.after(settle, "y")
	x.wantWrote("Apply")
	x.slowly("u")
	x.after(settle-time.Millisecond, "y")
	x.wantText("too soon", "━ UNDO? ━")
	x.after(held, "y")
	x.wantWrote("Apply", "Undo")
}

// Before there is a plan there is nothing to say y to, and its time counts from
// when it is there.
func TestYesBeforeThePlan(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, nil)
	x.slowly("y")
	_, cmd := x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a")})
	x.slowly("y", "a", "j")
	x.slowly("y")
	x.wantText("too soon")
	x.send(cmd())
	x.wantText("━ PLAN ━ y writes these 2 values")
	x.after(settle, "y")
	x.wantText("too soon")
	x.wantWrote()

	x = driveTuned(t, "exhausted", 80, 24, nil)
	_, cmd = x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a")})
	x.clock = x.clock.Add(time.Minute)
	x.send(cmd())
	x.after(settle-time.Millisecond, "y")
	x.wantWrote()
	x.wantText("too soon")
}

// What a larger screen shows for the first time, or a screen that was away for a
// while, has to be there for a moment too.
func TestYesRightAfterTheScreenCameWritesNothing(t *testing.T) {
	for name, msg := range map[string]tea.Msg{"resized": tea.WindowSizeMsg{Width: 120, Height: 40}, "resumed": tea.ResumeMsg{}} {
		x := driveTuned(t, "exhausted", 40, 10, manyListeners)
		x.slowly("a")
		x.wantText("━ PLAN ━ y shows")
		if name == "resumed" {
			x.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		}
		x.clock = x.clock.Add(time.Minute)
		x.send(msg)
		x.wantText("━ PLAN ━ y writes")
		x.after(settle-time.Millisecond, "y")
		x.wantWrote()
		x.wantText("too soon")
		x.slowly("y")
		x.wantWrote("Apply")
	}
}

// In the plan y applies, a few keys keep their meaning, and all others close it.
func TestKeysOfThePlan(t *testing.T) {
	stays := map[string]bool{"up": true, "down": true, "pgup": true, "pgdown": true, "home": true, "end": true,
		"j": true, "k": true, "g": true, "G": true, " ": true, "a": true, "?": true, "ctrl+b": true, "ctrl+f": true, "ctrl+l": true}
	for _, k := range []string{"up", "down", "pgdown", "home", "end", "j", "k", "g", "G", " ", "a", "?",
		"enter", "esc", "q", "n", "u", "P", "s", "c", "2", "+", "Y", "tab", "backspace"} {
		x := driveTuned(t, "exhausted", 80, 24, nil)
		x.plan()
		x.slowly(k)
		x.wantWrote()
		if got := x.Model.tune.isOpen(); got != stays[k] {
			t.Errorf("after %q the plan is open: %v", k, got)
		}
	}
}

// The pieces of a torn mouse report arrive at once: one of them may look like y.
func TestTornMouseReportsWriteNothing(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, nil)
	x.plan()
	x.clock = x.clock.Add(time.Minute)
	x.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("["), Alt: true})
	x.press("M", "y", "y", "!")
	x.wantWrote()
	x = driveTuned(t, "exhausted", 80, 24, nil)
	x.plan()
	x.clock = x.clock.Add(time.Minute)
	x.mouseAt(tea.MouseButtonWheelDown, 10, 10)
	x.press("y")
	x.wantWrote()
	// Keys that come together open nothing that leads to a write.
	x = driveTuned(t, "exhausted", 80, 24, nil)
	x.press("ay", "ayy", "uy", "Py", "jaj")
	x.wantWrote()
	if x.Model.tune.isOpen() {
		t.Error("a piece of text has opened the plan")
	}
}

// Nothing is written that was not on the screen.
func TestLongQuestionsAreReadFirst(t *testing.T) {
	x := driveTuned(t, "exhausted", 40, 10, manyListeners)
	x.slowly("a")
	x.wantText("━ PLAN ━ y shows these 3 values")
	x.slowly("y")
	x.wantText("━ APPLY? ━")
	x.slowly("y")
	x.wantText("there is more to read")
	x.wantWrote()
	x.slowly("G", "y")
	x.wantWrote("Apply")
	x = driveTuned(t, "exhausted", 40, 10, nil)
	x.slowly("a")
	x.wantText("set  net.ipv4.tcp_tw_reuse = 1", "10240 65535")
	x.slowly("G")
	x.wantText("━ PLAN ━ y shows these 2 values") // the ticked rows are above
	x.slowly("y")
	x.wantText("━ APPLY? ━")
	x.wantWrote()
	x.slowly("esc", "g", "y")
	x.wantWrote("Apply")
	var long []string
	for p := 10241; p < 11500; p += 2 {
		long = append(long, strconv.Itoa(p))
	}
	x = driveTuned(t, "exhausted", 80, 24, nil)
	x.slowly("a", "p")
	x.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(strings.Join(long[:40], ",")), Paste: true})
	x.slowly("enter")
	x.wantText("set  net.ipv4.ip_local_reserved_ports =", "10241,10243")
	x.slowly("y")
	all := ""
	for range 9 {
		all += strings.ReplaceAll(x.text(), "\n", "")
		x.press("j")
	}
	if rows := strings.ReplaceAll(all, " ", ""); !strings.Contains(rows, strings.Join(long[:40], ",")) {
		t.Errorf("the ports are not there in full:\n%s", x.text())
	}
}

// In the plan, Space ticks and takes ticks away, with what depends on it.
func TestTicking(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) { f.p.sysctl[sysctl.Timestamps] = "0" })
	x.slowly("a")
	x.wantText("3 of 3 changes ticked")
	x.wantRow("[x]  net.ipv4.tcp_timestamps")
	x.slowly(" ")
	x.wantText("1 of 3 changes ticked", "no longer ticked either, for it needs this: net.ipv4.tcp_tw_reuse")
	x.wantRow("[ ]  net.ipv4.tcp_timestamps")
	x.slowly("j", " ")
	x.wantText("3 of 3 changes ticked", "ticked with it, for it needs that: net.ipv4.tcp_timestamps")
	x.slowly("G", " ")
	x.wantText("net.ipv4.tcp_fin_timeout stays as it is")
	x.slowly("g", " ", "j", "j", " ", "y")
	x.wantText("nothing is ticked: there is nothing to write", "━ PLAN")
	x.wantWrote()
}

func TestPortsToReserve(t *testing.T) {
	x := driveTuned(t, "exhausted", 120, 40, nil)
	x.plan()
	x.slowly("G", "g", "j", " ") // the range stays as it is
	x.wantText("1 of 2 changes ticked")
	x.slowly("p")
	x.wantText(" ports to reserve: ▏ 8443,9000-9010")
	x.slowly("8", "x")
	x.wantText("8x▏")
	if x.Model.tune.ports.err == "" {
		t.Error("8x is taken for ports")
	}
	x.slowly("enter")
	x.wantText("8x▏", x.Model.tune.ports.err)
	x.slowly("backspace", "4", "4", "3")
	x.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(",20000-20010"), Paste: true})
	x.slowly("enter")
	x.wantText("reserves 8443"[:9], "20000-20010", "1 of 3 changes ticked"[2:5])
	if !x.tuner.reserved.Has(20005) {
		t.Error("the ports did not reach the plan")
	}
	if i := x.Model.tune.plan.plan.Item(sysctl.LocalPortRange); i.Ticked {
		t.Error("a tick that was taken away is there again")
	}
	x.slowly("p", "9", "esc")
	if x.Model.tune.plan.reserve.Has(9) || x.Model.tune.ports.typing {
		t.Error("Esc has entered ports")
	}
	x.slowly("esc", "a")
	if x.tuner.reserved.Has(20005) {
		t.Error("a new plan has the ports of the old one")
	}
}

func TestRefusedPlan(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) { f.notRoot = true })
	x.slowly("a")
	x.wantText("only root may write sysctls: sudo twtop sysctl apply --yes")
	x.slowly("y")
	x.wantText("nothing is written: only root may write sysctls", "━ PLAN")
	x.slowly("enter", "y")
	x.wantWrote()
	x.wantText("DESTINATIONS")
	x = driveTuned(t, "exhausted", 80, 24, func(o *Options, f *fakeTuner) {
		o.ReadOnly = true
		f.undo = earlier(o.Now())
	})
	x.slowly("a", "y")
	x.wantText("nothing is written: twtop runs read-only")
	x.slowly("esc", "u")
	x.wantText("REFUSED", "twtop runs read-only")
	x.slowly("y", "esc", "P", "y")
	x.wantWrote()
}

// earlier is what an earlier run has left.
func earlier(now time.Time) sysctl.UndoPlan {
	return sysctl.UndoPlan{ID: "0", At: now.Add(-2 * time.Hour), Who: sysctl.Who{User: "root"}, Items: []sysctl.UndoItem{
		{Key: sysctl.LocalPortRange, Now: "10240 65535", To: "32768 60999"},
		{Key: sysctl.TWReuse, Now: "2", To: "0", Refused: `somebody else set it to "2", twtop had set it to "1": "2" stays`},
	}}
}

// What an earlier run has left is offered at the start.
func TestUndoOfAnEarlierRun(t *testing.T) {
	x := driveTuned(t, "healthy", 80, 24, func(o *Options, f *fakeTuner) { f.undo = earlier(o.Now()) })
	x.wantText("1 sysctl that twtop changed 2 h ago is still set · u shows them")
	x.wantShape()
	x.slowly("u")
	x.wantText("y puts back this value", "Set 2 h ago by root.", `stays net.ipv4.tcp_tw_reuse`, `"2" stays`)
	x.slowly("n")
	x.wantWrote()
	x.slowly("u", "y")
	x.wantText("taken over net.ipv4.tcp_tw_reuse", `"2" stays`)
	x.wantNoText("2 → 0")
	x.slowly("esc")
	x.wantWrote("Undo")
	x.wantNoText("u shows them")
}

func TestPersist(t *testing.T) {
	x := driveTuned(t, "exhausted", 120, 40, nil)
	x.slowly("P")
	x.wantText("nothing to persist: twtop has set nothing here")
	x.slowly("esc")
	x.plan()
	x.slowly("y", "P")
	x.wantText("━ PERSIST? ━ y writes these 2 values to a file", "/etc/sysctl.d/60-twtop.conf", "net.ipv4.tcp_tw_reuse = 1")
	x.slowly("y")
	x.wantText("━ PERSISTED ━", "net.ipv4.tcp_tw_reuse in /etc/sysctl.d/60-twtop.conf")
	x.wantWrote("Apply", "Persist")
	x.slowly("esc")
	x.frames(1)
	x.wantText(" · persisted")
	x.wantNoText("not persisted")
	x.slowly("P")
	x.wantText("/etc/sysctl.d/60-twtop.conf has these values already")
	x.slowly("esc", "u")
	x.wantText("is taken out")

	x = driveTuned(t, "exhausted", 120, 40, func(_ *Options, f *fakeTuner) { f.inside = true })
	x.plan()
	x.slowly("y")
	x.wantText("━ APPLIED ━ Esc goes back · u puts it back ━", "u undo")
	x.wantNoText("P persist")
	x.slowly("esc")
	x.frames(1)
	x.wantText("· not persisted")
	x.wantNoText("[P]")
	x.slowly("P")
	x.wantText("━ PERSIST? ━ refused", "not for the one of --netns or --pid")
	x.slowly("y")
	x.wantWrote("Apply")
}

func TestFailedApply(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) { f.fail = sysctl.LocalPortRange })
	x.plan()
	x.slowly("y")
	x.wantText("━ NOT APPLIED ━", "FAILED", "permission denied", "put back   net.ipv4.tcp_tw_reuse")
	x.slowly("esc")
	x.wantNoText("since the apply")
	x.wantShape()
}

// A panic in the engine is told; the screen goes on.
func TestPanicInAnApply(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) { f.panics = true })
	x.plan()
	x.slowly("y")
	x.wantText("━ NOT APPLIED ━", "index out of range")
	x.slowly("esc")
	x.frames(1)
	x.wantText("LIVE")
}

func TestPlanThatFails(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) {
		f.planErr = errors.New("/proc/sys: no such namespace\x1b[2J")
	})
	x.slowly("a")
	x.wantText("━ NO PLAN ━", "/proc/sys: no such namespace")
	x.wantShape()
	x.slowly("esc")
	x.wantText("━ [2] DESTINATIONS")
}

func TestExport(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, nil)
	x.plan()
	x.slowly("x")
	for _, f := range sysctl.Formats() {
		x.wantText(string(f), f.Summary())
	}
	for i := range sysctl.Formats() {
		x.slowly("enter", "c")
		if len(x.copied) != i+1 || !strings.Contains(x.copied[i], "net.ipv4.tcp_tw_reuse") {
			t.Fatalf("copied %q", x.copied)
		}
		x.wantText("copied  ")
		x.slowly("G", "esc", "j")
	}
	x.slowly("esc", " ", "j", " ", "x", "enter")
	x.wantShape()
	x.slowly("esc", "esc", "esc")
	x.wantText("━ [2] DESTINATIONS")
	x.wantWrote()
}

// While something is written no key counts but ^C, which stops it.
func TestKeysDuringAnApply(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) {
		f.hold, f.began = make(chan struct{}), make(chan struct{})
	})
	x.plan()
	x.clock = x.clock.Add(time.Second)
	_, cmd := x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y")})
	ended := make(chan tea.Msg)
	go func() { ended <- cmd() }()
	<-x.tuner.began
	x.press("q", "esc", "u", "a", "ctrl+z", "y", "?")
	x.mouseAt(tea.MouseButtonLeft, 5, 5)
	if x.quit || x.suspended || x.Model.tune.stage != stageWriting {
		t.Fatal("a key interrupted the apply")
	}
	x.wantText("writing…", "^C stops it, and what was written is put back")
	for _, s := range sizes {
		x.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
		x.wantShape()
	}
	x.press("ctrl+c")
	if x.quit {
		t.Fatal("^C ended the program in the middle of an apply")
	}
	x.wantText("stopping: what was")
	x.send(<-ended)
	x.wantText("NOT APPLIED")
	x.press("ctrl+c")
	if !x.quit {
		t.Error("^C does not quit afterwards")
	}
}

// Every stage at every size, with the size changing meanwhile.
func TestTuningAtEverySize(t *testing.T) {
	for _, keys := range [][]string{{"a"}, {"a", "p"}, {"a", "y"}, {"a", "y"}, {"a", "y", "u"}, {"a", "y", "P"}, {"a", "x"}, {"a", "x", "enter"}, {"a", "y", "esc"}} {
		x := driveTuned(t, "exhausted", 80, 24, nil)
		x.slowly(keys...)
		for w := 1; w < 210; w += 23 {
			for h := 1; h < 64; h += 5 {
				x.resize(w, h)
				x.drawn = ""
				x.wantShape()
				x.press("j", "G", "k", "g")
				x.wantShape()
			}
		}
	}
}

// Where there is nothing to change the keys are not there.
func TestReplayDoesNotOfferIt(t *testing.T) {
	d := drive(t, "exhausted", 200, 60, nil)
	d.wantNoText("[a]", "a apply", "persist")
	d.press("a", "u", "P", "y")
	d.wantText("━ [2] DESTINATIONS")
	if d.Model.tune.isOpen() {
		t.Error("the plan has opened")
	}
	d.press("?")
	d.wantNoText("SYSCTLS", "IN THE PLAN", "apply", "persist")
}

func TestHelpTellsOfSysctls(t *testing.T) {
	x := driveTuned(t, "exhausted", 200, 60, nil)
	x.press("?")
	x.wantText("SYSCTLS", "IN THE PLAN", "apply", "undo", "persist", "ports to keep")
}

// A plan that comes after it was given up is not shown.
func TestLatePlan(t *testing.T) {
	x := driveTuned(t, "exhausted", 80, 24, nil)
	_, cmd := x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a")})
	x.wantText("making the plan…")
	x.press("esc")
	x.send(cmd())
	x.wantText("━ [2] DESTINATIONS")
}

// The row of what follows a change does not come and go with the frames.
func TestFollowKeepsItsRows(t *testing.T) {
	x := driveTuned(t, "exhausted", 120, 40, nil)
	x.plan()
	x.slowly("y", "esc")
	rows := x.followRows
	for range 20 {
		x.frames(1)
		if x.followRows < rows {
			t.Fatal("a row was given back")
		}
		rows = x.followRows
	}
}

// Words of others in a plan, a result and an undo do not reach the terminal.
func TestHostileTuner(t *testing.T) {
	const bad = "\x1b]0;pwned\x07\x1b[2Jevil\u202etxt\u200b\r\n\tend\x9b31m"
	x := driveTuned(t, "exhausted", 80, 24, func(_ *Options, f *fakeTuner) {
		f.undo = sysctl.UndoPlan{ID: "0", Who: sysctl.Who{User: bad}, Items: []sysctl.UndoItem{{Key: bad, Now: bad, To: bad}, {Key: bad, Refused: bad}}}
		f.fail = sysctl.TWReuse
	})
	look := func() {
		t.Helper()
		x.wantShape()
		for _, b := range []string{"\x1b]", "\x1b[2J", "\u202e", "\u200b", "\r", "\t", "\x07", "\u009b", "\x9b31m"} {
			if strings.Contains(x.View(), b) {
				t.Errorf("%q is on the screen", b)
			}
		}
	}
	x.slowly("u")
	look()
	x.slowly("esc", "P")
	look()
	x.slowly("esc")
	x.send(doneMsg{deed: deedUndo, err: errors.New(bad), result: sysctl.Result{Warnings: []string{bad},
		Done: []sysctl.Done{{Key: bad, From: bad, To: bad, Note: bad, Outcome: sysctl.OutcomeFailed}}}})
	look()
}

// The key to the plan is named beside what the plan does, and nothing else.
func TestKeyOfThePlanIsBesideSysctls(t *testing.T) {
	x := driveTuned(t, "exhausted", 120, 40, nil)
	x.wantText("[a]")
	r := *x.frame.report
	r.Headline.Action, r.Headline.BySysctl = "now: restart the client that holds them · cure: close the socket", false
	f := newFrame(&r, x.reader.catalogue, true)
	f.order = x.Model.view.arrange(&r)
	x.send(frameMsg{frame: f})
	x.wantText("now: restart the client that holds them · cure")
	x.wantNoText("[a]")
}
