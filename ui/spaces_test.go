package ui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source"
)

// fakeSpaces are namespaces of which each leads to a play.
type fakeSpaces struct {
	list    []source.Standing
	plays   map[uint64]*play // by inode
	tuners  map[uint64]*fakeTuner
	saver   Saver // of each
	err     error // of Enter
	steps   int
	watched uint64
	closed  []uint64
}

func (f *fakeSpaces) Step(context.Context) (time.Duration, error) {
	f.steps++
	return 5 * time.Second, nil
}

func (f *fakeSpaces) Standing() ([]source.Standing, []string) {
	return append([]source.Standing(nil), f.list...), nil
}

func (f *fakeSpaces) Watch(cookie uint64) { f.watched = cookie }

func (f *fakeSpaces) Enter(_ context.Context, n source.Namespace) (Place, error) {
	p := f.plays[n.Inode]
	if f.err != nil || p == nil {
		return Place{}, f.err
	}
	return Place{Source: p, Tuner: f.tuners[n.Inode], Saver: f.saver, Namespace: n, NetNSPath: fmt.Sprintf("/run/ns/%d", n.Inode),
		Close: func() { f.closed = append(f.closed, n.Inode) }}, nil
}

func standing(name string, inode uint64, pressure float64, free int) source.Standing {
	members, some := 12, 27_000
	return source.Standing{
		Namespace: source.Namespace{Inode: inode, Cookie: inode + 100, Names: []string{name}, Mounts: []string{"/run/netns/" + name},
			Members: members, Processes: []source.Process{{PID: 2872, Name: "nginx\x1b[2J"}, {PID: 2901, Name: "node"}}},
		Range: source.DefaultPortRange, RangeKnown: true, Sockets: &some, TimeWait: &some,
		Verdict: &source.Verdict{Pressure: pressure, Free: free, FreeExact: true, Destination: "127.0.0.1 → 127.0.0.1:4001",
			Capacity: 28_232, Critical: pressure >= 90, Headline: name + " stands like this"},
	}
}

// spacesFrom is a screen on a calm host, where payments has no port left.
func spacesFrom(t *testing.T, w, h int, change func(*Options, *fakeSpaces)) (*driver, *fakeSpaces) {
	t.Helper()
	bound := 0.4
	few := standing("few", 3, 0, 0)
	few.Verdict, few.AtMost, few.Members, few.Processes = nil, &bound, 0, nil
	barred := standing("", 4, 0, 0)
	barred.Names, barred.Mounts, barred.Verdict, barred.Trouble = nil, nil, nil, "not root"
	barred.Container = source.Container{ID: "3f2a9c81b0d4aabbccdd", Runtime: "docker"}
	host := standing("", 1, 0, 0)
	host.Names, host.Mounts, host.First, host.Verdict = nil, nil, true, nil
	there := exhausted()
	there.run(32)
	f := &fakeSpaces{
		list:  []source.Standing{host, standing("payments", 2, 100, 0), few, barred},
		plays: map[uint64]*play{2: there}, tuners: map[uint64]*fakeTuner{2: {p: there, now: func() time.Time { return there.taken }}},
	}
	d := drive(t, "healthy", w, h, func(o *Options) {
		o.Namespaces, o.Namespace, o.Unasked = f, host.Namespace, true
		if change != nil {
			change(o, f)
		}
	})
	return d, f
}

func TestSpacesScreens(t *testing.T) {
	for _, s := range sizes {
		t.Run(s.name, func(t *testing.T) {
			d, _ := spacesFrom(t, s.w, s.h, nil)
			d.press("n")
			d.wantShape()
			list := d.text()
			d.press("enter")
			d.wantShape()
			golden.RequireEqual(t, list+"\n"+d.text()+"\n")
		})
	}
}

// TestThreeKeysToTheCulprit: the header tells of the other namespace unasked, n
// lists it first, Enter goes there, and a changes sysctls there and nowhere else.
func TestThreeKeysToTheCulprit(t *testing.T) {
	d, f := spacesFrom(t, 120, 40, nil)
	d.wantText("1 of 4 namespaces has no port left: payments (n)")
	if f.steps == 0 || f.watched != 101 {
		t.Errorf("%d steps, watching %d", f.steps, f.watched)
	}
	d.press("n")
	d.wantRow("payments")
	d.wantText("host (here)", "≤1 %", "docker 3f2a9c81b0d4", "payments stands like this")
	d.wantNoText("\x1b")
	d.press("enter")
	d.wantText("in payments", "127.0.0.1:4001", "no local port left")
	d.wantNoText("namespaces has no port left")
	d.next()
	d.press("enter")
	d.wantText("nsenter --net=/run/ns/2 ss")
	d.press("esc", "a")
	d.wantText("net.ipv4.tcp_tw_reuse")
	if calls := f.tuners[2].calls; len(calls) < 2 {
		t.Errorf("the tuner of the namespace was called: %q", calls)
	}
	d.press("esc", "N")
	d.wantText("1 of 4 namespaces")
	d.wantNoText("in payments")
	if len(f.closed) != 1 || f.closed[0] != 2 {
		t.Errorf("closed: %v", f.closed)
	}
	d.press("N")
	d.wantText("this is where it began")
}

// TestLeavingEndsARecording: in either direction, and the file is named.
func TestLeavingEndsARecording(t *testing.T) {
	home, there := new(fakeSaver), new(fakeSaver)
	d, _ := spacesFrom(t, 120, 40, func(o *Options, f *fakeSpaces) { o.Saver, f.saver = home, there })
	const said = "recording ended: saved 900 frames, 1.2 MB, in /home/x/twtop-web-3.twtop"
	d.press("w")
	d.wantText("REC 1.2 MB")
	d.press("n", "enter")
	d.wantText("in payments", said)
	d.wantNoText("REC ")
	home.want(t, "save", "stop")
	d.press("w")
	d.wantText("REC 1.2 MB")
	d.press("N")
	d.wantText(said)
	d.wantNoText("in payments", "REC ")
	there.want(t, "save", "stop")
	// One that begins while the screen leaves ends as well.
	d.send(savedMsg{saver: there, state: SaveState{On: true}})
	d.wantText(said)
	there.want(t, "save", "stop", "stop")
}

// TestSpaceThatIsGone: it is said, and the screen stays where it is.
func TestSpaceThatIsGone(t *testing.T) {
	d, f := spacesFrom(t, 80, 24, func(_ *Options, f *fakeSpaces) {
		f.err = errors.New("payments is gone\x1b[2J: nothing holds it any more")
	})
	d.press("n", "enter")
	d.wantText("NOT THERE", "payments is gone", "NETWORK NAMESPACES")
	d.wantShape()
	f.list[1].Gone = true
	d.send(stepMsg{})
	d.press("G")
	d.wantText("gone")
	d.press("enter")
	d.wantText("payments is gone")
	d.press("esc")
	d.wantText("LIVE", "DESTINATIONS")
	d.wantNoText("no port left")
}

// TestLateFrameOfThePlaceBefore is not shown, nor what its tuner says.
func TestLateFrameOfThePlaceBefore(t *testing.T) {
	d, _ := spacesFrom(t, 120, 40, nil)
	late := frameMsg{place: d.place, frame: d.frame}
	d.press("n", "enter")
	now := d.frame
	d.send(late)
	if d.frame != now || d.reading {
		t.Error("a frame of the namespace before is shown")
	}
	d.press("n", "G", "esc", "n", "j", "enter") // back by the list
	d.wantNoText("in payments")
}

// TestNoSpaces: without namespaces the keys do nothing and are not offered.
func TestNoSpaces(t *testing.T) {
	d := drive(t, "healthy", 120, 40, nil)
	d.press("n", "N")
	d.wantText("DESTINATIONS")
	d.press("?")
	d.wantNoText("NAMESPACES")
}
