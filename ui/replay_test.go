package ui

import (
	"errors"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source"
)

func TestReplayScreens(t *testing.T) {
	r := record(growing(), 120)
	for name, c := range map[string]struct {
		w, h int
		keys []string
	}{
		"80x24": {80, 24, []string{" ", "]", "]"}}, "120x40": {120, 40, []string{" ", "]", "]", "]"}},
		"200x60": {200, 60, []string{"end"}}, "40x10": {40, 10, []string{"end"}}, "80x16": {80, 16, []string{" ", "L", "L"}},
		"help": {80, 24, []string{" ", "?"}}, "plan": {80, 24, []string{" ", "]", "]", "]", "x"}}, "detail": {80, 24, []string{" ", "]", "]", "enter"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := driveReplay(t, r, c.w, c.h, nil)
			x.press(c.keys...)
			x.toast = ""
			x.drawn = ""
			x.wantShape()
			golden.RequireEqual(t, x.text()+"\n")
		})
	}
}

// TestReplayPlays goes by the recording's time, at each speed.
func TestReplayPlays(t *testing.T) {
	x := driveReplay(t, record(growing(), 120), 120, 40, nil)
	x.wantFrame(0)
	x.wantText("REPLAY  01:02:04", "night.twtop", "0:00 of 1:59")
	x.wantNoText("LIVE", "costs", "every 1 s")
	x.play(10 * time.Second)
	x.wantFrame(10)
	x.wantText("0:10 of 1:59", "REPLAY  01:02:14")
	x.press("+")
	x.wantText("plays at 2×", "REPLAY 2×")
	x.play(5 * time.Second)
	x.wantFrame(20)
	x.press("+", "+") // 8×
	x.play(5 * time.Second)
	x.wantFrame(60)
	x.press("-", "-", "-", "-")
	x.play(3 * time.Second)
	x.wantFrame(63)
	x.press(" ")
	x.wantText("REPLAY paused")
	x.play(time.Minute)
	x.wantFrame(63)
	x.press(" ", "+", "+", "+", "+")
	x.wantText("plays as fast as it goes")
	x.play(time.Second)
	x.wantFrame(119)
	x.wantText("REPLAY end", "the recording ends here")
	x.press("-", "-", "-", "-", " ")
	x.wantFrame(0)
	x.play(2 * time.Second)
	x.wantFrame(2)
}

func TestReplayKeys(t *testing.T) {
	x := driveReplay(t, record(growing(), 120), 120, 40, func(o *Options) { o.Replay.At, o.Replay.Paused = 50, true })
	for _, c := range []struct {
		key  string
		want int
	}{
		{"right", 51}, {"l", 52}, {"left", 51}, {"h", 50}, {"shift+right", 60}, {"L", 70}, {">", 80}, {"shift+left", 70}, {"H", 60}, {"<", 50},
		{"end", 119}, {"right", 119}, {"home", 0}, {"left", 0}, {"}", 119}, {"{", 0}, {"G", 0}, {"g", 0}, {"j", 0},
	} {
		x.press(c.key)
		x.wantFrame(c.want)
	}
	var at []int
	for last := -1; x.player.head.at != last; at = append(at, last) {
		last = x.player.head.at
		x.press("]")
	}
	x.wantText("no finding begins or ends after this")
	marks := len(x.player.line.marks)
	if len(at) < 3 || marks < 3 {
		t.Fatalf("] stopped at %v", at)
	}
	for i := len(at) - 2; i > 0; i-- {
		x.press("[")
		x.wantFrame(at[i])
	}
	x.wantText("begins")
}

// TestReplayHasPlansOnly: nothing is written, whatever is pressed.
func TestReplayHasPlansOnly(t *testing.T) {
	tuner := &fakeTuner{}
	x := driveReplay(t, record(growing(), 60), 120, 40, func(o *Options) { o.Replay.At, o.Replay.Paused, o.Tuner = 55, true, tuner })
	for _, keys := range [][]string{{"x"}, {"a"}} {
		x.press(keys...)
		x.clock = x.clock.Add(time.Minute)
		x.wantText("PLAN", "this is a recording", "net.ipv4.tcp_tw_reuse")
		x.wantNoText("y writes")
		x.press("y")
		x.clock = x.clock.Add(time.Minute)
		x.press("y", "esc")
	}
	x.press("u", "P", "y", "w")
	x.wantNoText("PLAN", "UNDO", "apply", "saved")
	x.press("x", "x", "enter")
	x.wantText("SYSCTL.D", "net.ipv4.tcp_tw_reuse = 1")
	x.press("c")
	if len(x.copied) != 1 {
		t.Errorf("copied %q", x.copied)
	}
	if w := tuner.wrote(); len(w) > 0 {
		t.Errorf("called %q", w)
	}
}

// TestReplayHomeAndEnd move in time where nothing is open, and else in what is.
func TestReplayHomeAndEnd(t *testing.T) {
	x := driveReplay(t, record(growing(), 60), 80, 24, func(o *Options) { o.Replay.At, o.Replay.Paused = 55, true })
	x.press("x", "end")
	x.wantText("PLAN")
	if last := x.tune.plan.table.n - 1; last < 1 || x.tune.plan.table.cursor != last {
		t.Errorf("End: line %d of the plan, want %d", x.tune.plan.table.cursor, last)
	}
	x.press("home")
	x.wantText("PLAN")
	if at := x.tune.plan.table.cursor; at != 0 {
		t.Errorf("Home: line %d of the plan", at)
	}
	x.press("esc", "?", "end")
	if x.helpFrom == 0 {
		t.Error("End does not scroll the help")
	}
	x.press("home")
	if !x.help || x.helpFrom != 0 {
		t.Errorf("Home: help %v, from row %d", x.help, x.helpFrom)
	}
	x.press("?")
	x.wantFrame(55)
	x.press("end")
	x.wantFrame(59)
	x.press("home")
	x.wantFrame(0)
}

// TestReplayPassesDamage: a frame that cannot be read is told of, and passed.
func TestReplayPassesDamage(t *testing.T) {
	r := record(growing(), 60)
	r.bad[3] = errors.New("frame 3, at byte 99\x1b[31m, is damaged")
	x := driveReplay(t, r, 120, 40, nil)
	x.play(3 * time.Second)
	x.wantText("could not read: frame 3, at byte 99", "is damaged")
	x.wantFrame(3)
	x.play(time.Second)
	x.wantFrame(4)
	x.wantNoText("could not read")
	x.wantText("1 frame of the capture could not be read")
}

// TestReplayFollows shows what comes through a pipe, until it ends.
func TestReplayFollows(t *testing.T) {
	p := growing()
	r := record(p, 5)
	r.over = false
	x := driveReplay(t, r, 120, 40, nil)
	grow := func(n int) {
		r.snaps = append(r.snaps, record(p, n).snaps...)
		x.send(grownMsg{})
	}
	x.play(10 * time.Second)
	x.wantFrame(4)
	grow(1)
	x.wantFrame(5)
	x.wantText("REPLAY follows", "follows the stream")
	grow(3)
	x.wantFrame(8)
	x.clock = x.clock.Add(61 * time.Second)
	x.send(grownMsg{errQuiet})
	x.wantText("REPLAY waits", "nothing has come for 1:01")
	grow(0)
	x.wantText("REPLAY follows", "follows the stream")
	for _, key := range []string{"H", "home", "<"} {
		x.press(key)
		x.wantFrame(0)
		grow(1)
		x.wantFrame(0)
		x.wantNoText("REPLAY follows")
		x.press("end")
		x.wantText("REPLAY follows")
	}
	x.wantFrame(11)
	x.press("H")
	x.wantFrame(1)
	x.press(" ")
	grow(1)
	x.wantFrame(1)
	x.press("end")
	x.wantFrame(12)
	grow(1)
	x.wantFrame(13)
	r.over, r.note = true, "it was cut off at byte 4711"
	x.send(grownMsg{r.Wait(t.Context(), 14)})
	x.wantText("REPLAY end", "the recording ends here: it was cut off at byte 4711")
	x.press("left")
	x.wantFrame(12)
}

// lateTape gets its last frame just after it was asked how many there are.
type lateTape struct {
	*reel
	late *source.Snapshot
}

func (l *lateTape) Len() int {
	n := l.reel.Len()
	if l.late != nil {
		l.snaps, l.late, l.over = append(l.snaps, l.late), nil, true
	}
	return n
}

// TestReplayPlaysTheLastFrame of a stream, whenever it comes.
func TestReplayPlaysTheLastFrame(t *testing.T) {
	p := growing()
	r := record(p, 5)
	r.over = false
	tape := &lateTape{reel: r}
	x := driveReplay(t, r, 120, 40, func(o *Options) { o.Replay.Tape = tape })
	x.play(10 * time.Second)
	x.wantFrame(4)
	x.player.head.waiting = false
	tape.late = record(p, 1).snaps[0]
	x.run(x.playOn())
	x.wantFrame(5)
}

// TestReplayOfNothing: a stream that ends before its first frame.
func TestReplayOfNothing(t *testing.T) {
	r := &reel{note: "it was cut off at byte 12"}
	x := driveReplay(t, r, 80, 24, nil)
	x.wantShape()
	x.press("right", "left", "]", "end", " ", "x", "enter", "?", "esc")
	x.wantShape()
	r.over = true
	x.send(grownMsg{r.Wait(t.Context(), 0)})
	x.wantText("the capture has no frame (it was cut off at byte 12)")
}

// TestReplayPausedOfAStream shows the first frame, and says where there is none.
func TestReplayPausedOfAStream(t *testing.T) {
	paused := func(o *Options) { o.Replay.Paused = true }
	for _, n := range []int{0, 3} {
		r := record(growing(), n)
		r.over = n == 0
		x := driveReplay(t, &reel{bad: r.bad, over: r.over}, 120, 40, paused)
		if n == 0 {
			x.wantText("the capture has no frame")
			continue
		}
		if !x.player.head.waiting {
			t.Fatal("nothing waits for the first frame")
		}
		x.reel.snaps = r.snaps
		x.send(grownMsg{})
		x.wantFrame(0)
		x.wantText("REPLAY paused")
	}
}

// TestReplayOfAText shows its one moment, without a timeline.
func TestReplayOfAText(t *testing.T) {
	s := record(growing(), 30).snaps[29]
	s.Kind = source.KindText
	x := driveReplay(t, &reel{}, 80, 24, func(o *Options) { o.Replay = &Replay{Tape: Still{s}, Name: "ss.txt"} })
	x.wantShape()
	x.wantText("ONE MOMENT", "pasted text", "ss.txt", "127.0.0.1:4001")
	x.wantNoText("REPLAY", "TIMELINE", "frame", "Space")
	x.press(" ", "right", "]", "end", "home")
	x.wantText("127.0.0.1:4001")
}

// TestReplayIsClean: what a recording says of itself does not get to the terminal.
func TestReplayIsClean(t *testing.T) {
	bad := "a\x1b]0;b\x07c\u202ed"
	r := record(growing(), 30)
	for _, s := range r.snaps {
		s.Host.Name = bad
	}
	r.note = bad
	x := driveReplay(t, r, 200, 60, func(o *Options) { o.Replay.Name, o.Replay.Title, o.Replay.Tool = bad, bad, bad })
	x.press("end")
	x.wantShape()
	for _, c := range "\x07\u202e" {
		for _, s := range x.View() {
			if s == c {
				t.Errorf("%q is on the screen", c)
			}
		}
	}
}

// TestReplayEverySize: keys and sizes in any order.
func TestReplayEverySize(t *testing.T) {
	x := driveReplay(t, record(growing(), 70), 80, 24, nil)
	keys := []string{"]", "l", "L", "enter", "[", "esc", "?", "?", "x", "x", "esc", "esc", "3", "4", "6", "end", "home", " "}
	for i := range 300 {
		x.resize(1+(i*37)%220, 1+(i*23)%70)
		x.drawn = ""
		x.press(keys[i%len(keys)])
		x.wantShape()
	}
}

// TestReplayClick goes to where the timeline is clicked, whatever is open.
func TestReplayClick(t *testing.T) {
	x := driveReplay(t, record(growing(), 120), 122, 40, func(o *Options) { o.Replay.Paused = true })
	click := func(column, row int) {
		x.send(tea.MouseMsg{X: column, Y: row, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	for _, c := range []struct{ column, row, want int }{{61, 38, 60}, {1, 37, 0}, {121, 38, 119}, {30, 39, 119}, {30, 20, 119}, {30, 36, 29}} {
		click(c.column, c.row)
		x.wantFrame(c.want)
	}
	x.press("enter")
	click(11, 38)
	x.wantFrame(10)
}
