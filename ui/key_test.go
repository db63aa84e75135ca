package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
)

// row is the row of the screen that the cursor's mark is on.
func (d *driver) row() string {
	for _, r := range strings.Split(d.text(), "\n") {
		if strings.HasPrefix(r, "▶") {
			return r
		}
	}
	return ""
}

func (d *driver) wantRow(prefix string) {
	d.t.Helper()
	if !strings.HasPrefix(d.row(), "▶ "+prefix) {
		d.t.Errorf("the cursor is on %q, want %q", d.row(), prefix)
	}
}

func TestMoving(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.wantRow("127.0.0.1:4001")
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"j"}, "10.0.3.7:5432"}, {[]string{"down"}, "203.0.113.80:443"}, {[]string{"k"}, "10.0.3.7:5432"},
		{[]string{"up"}, "127.0.0.1:4001"}, {[]string{"k", "k"}, "127.0.0.1:4001"}, {[]string{"G"}, "203.0.113.14:443"},
		{[]string{"j"}, "203.0.113.14:443"}, {[]string{"g"}, "127.0.0.1:4001"}, {[]string{"end"}, "203.0.113.14:443"},
		{[]string{"home"}, "127.0.0.1:4001"}, {[]string{"pgdown"}, "203.0.113.14:443"}, {[]string{"pgup"}, "127.0.0.1:4001"},
	} {
		d.press(c.keys...)
		d.wantRow(c.want)
	}
}

func TestPagingThroughManyRows(t *testing.T) {
	d := drive(t, "crowd", 80, 24, nil)
	d.press("pgdown", "pgdown")
	if want := 2 * (d.dests.height - 1); d.dests.cursor != want {
		t.Errorf("two pages down is row %d, want %d", d.dests.cursor, want)
	}
	d.press("G")
	if d.dests.cursor != 4999 || d.dests.offset != 5000-d.dests.height {
		t.Errorf("the end is row %d from %d", d.dests.cursor, d.dests.offset)
	}
	d.wantShape()
}

// The cursor follows its row, at the same height of the screen, when others
// overtake it.
func TestCursorFollowsItsRow(t *testing.T) {
	p := scenario("exhausted")
	d := newDriver(t, testOptions(p), 80, 24)
	d.press("j", "j", "j")
	d.wantRow("10.0.3.8:6379")
	p.lanes[3].demand = steady(900) // it becomes the second of all
	p.run(20)
	d.next()
	if d.dests.cursor != 1 {
		t.Errorf("the row is in place %d, want 1", d.dests.cursor)
	}
	d.wantRow("10.0.3.8:6379")
}

// Until somebody moves the cursor it stays on the worst, whichever that is.
func TestUntouchedCursorStaysOnTheWorst(t *testing.T) {
	p := scenario("healthy")
	d := newDriver(t, testOptions(p), 80, 24)
	d.wantRow("10.0.3.7:5432")
	p.lanes[1].demand = steady(900)
	p.run(20)
	d.next()
	d.wantRow("10.0.3.8:6379")
}

func TestCursorSurvivesItsRow(t *testing.T) {
	p := scenario("exhausted")
	d := newDriver(t, testOptions(p), 80, 24)
	d.press("G")
	d.wantRow("203.0.113.14:443")
	p.lanes = append(p.lanes[:6:6], p.lanes[7:]...)
	d.next()
	d.wantRow("169.254.169.254:80")
	p.lanes = nil
	d.next()
	d.wantShape()
	d.wantText("no outgoing connections")
}

func TestPanes(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	for k, want := range map[string]string{"1": "━ [1] STATES", "2": "━ [2] DESTINATIONS", "3": "━ [3] SERVICES", "4": "━ [4] SYSCTLS", "5": "━ [5] LOCAL PORTS", "6": "━ [6] FINDINGS", "7": "━ [7] OWNERS"} {
		d.press(k)
		d.wantText(want)
	}
	d.press("2", "tab")
	d.wantText("━ [3] SERVICES")
	d.press("shift+tab", "shift+tab")
	d.wantText("━ [1] STATES")
	d.press("shift+tab")
	d.wantText("━ [7] OWNERS")
	d.press("shift+tab")
	d.wantText("━ [6] FINDINGS")
	d.press("shift+tab")
	d.wantText("━ [5] LOCAL PORTS")
	d.press("tab", "tab")
	d.press("tab")
	d.wantText("━ [1] STATES")
}

func TestFilter(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("/")
	d.typeText(":5432")
	d.wantText("1 of 6", "10.0.3.7:5432", " / :5432▏")
	d.wantNoText("203.0.113.80:443")
	d.press("enter")
	d.wantText("filter :5432")
	d.press("/", "backspace", "backspace", "backspace", "backspace", "backspace")
	d.wantText("DESTINATIONS ━ 6 ·")
	d.typeText("!127.0.0.1")
	d.wantText("5 of 6")
	d.press("esc")
	d.wantText("DESTINATIONS ━ 6 ·")
	d.wantNoText("· filter")
}

// While what is typed is no filter yet, it says why, and the last good one holds.
func TestFilterError(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("/")
	d.typeText(":5432")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" state:nonsense"), Paste: true})
	if d.filter.err == "" {
		t.Fatal("the filter takes a state that there is not")
	}
	d.wantText("1 of 6", d.filter.err[:12])
	d.press("enter")
	d.wantText("1 of 6", d.filter.err[:12]) // to be mended
	d.press("esc")
	d.wantText("DESTINATIONS ━ 6 ·")
}

func TestFilterThatTakesNothing(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, func(o *Options) { o.Filter = "192.0.2.0/24" })
	d.wantText("none matches the filter; Esc clears it", "0 of 6")
	d.press("esc")
	d.wantText("DESTINATIONS ━ 6 ·")
}

// Keys typed into the filter do nothing else.
func TestFilterTakesAllKeys(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("/")
	d.typeText("q?j5")
	if d.quit || d.help || d.focus != areaDestinations || d.filter.editor.value() != "q?j5" {
		t.Errorf("quit %v help %v focus %v filter %q", d.quit, d.help, d.focus, d.filter.editor.value())
	}
	d.press("ctrl+c")
	if !d.quit {
		t.Error("^C does not quit")
	}
}

func TestSorting(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.wantText("by PRESSURE ▼")
	d.press("j", "k", "s")
	d.wantText("by CLOSES/s ▼")
	d.wantRow("127.0.0.1:4001") // the cursor stays on its row…
	if first := d.dests.row(0).Remote.Port(); first != 443 {
		t.Errorf("the first row is to port %d, want 443", first) // …and the busiest comes first
	}
	d.press("s")
	d.wantText("by TO ▲")
	d.press("S", "S")
	d.wantText("by PRESSURE ▼")
	d.press("r")
	d.wantText("by PRESSURE ▲")
	if last := d.dests.row(d.dests.n - 1).Remote.Port(); last != 4001 {
		t.Errorf("the last row is to port %d, want 4001", last)
	}
}

func TestSortingServices(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("3", "r")
	d.wantText("SERVICES ━ 4 · by QUEUE ▲")
	d.press("2")
	d.wantText("by PRESSURE ▼")
}

func TestDetailOfADestination(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.press("j", "enter")
	d.wantText("10.0.2.4 → 10.0.3.7:5432", "ss -tanoe 'src 10.0.2.4 and dst 10.0.3.7:5432'",
		"tcpdump -ni any 'tcp port 5432 and host 10.0.3.7 and host 10.0.2.4'", ":40000", "ESTAB", "keepalive", "2h00m")
	d.press("c", "t")
	if len(d.copied) != 2 || !strings.HasPrefix(d.copied[0], "ss ") || !strings.HasPrefix(d.copied[1], "tcpdump ") {
		t.Errorf("copied %q", d.copied)
	}
	d.wantText("copied  tcpdump")
	d.press("G")
	d.wantText("TIME-WAIT", "timewait")
	d.press("q")
	if d.quit {
		t.Fatal("q in a detail ended the program")
	}
	d.wantText("━ [2] DESTINATIONS")
}

// Where the namespace was chosen by process, the commands enter it.
func TestDetailEntersItsNamespace(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, func(o *Options) { o.NetNSPath = "/proc/2872/ns/net" })
	d.press("j", "enter", "c", "t")
	want := []string{"nsenter --net=/proc/2872/ns/net ss -tanoe ", "nsenter --net=/proc/2872/ns/net tcpdump -ni any "}
	for i, w := range want {
		if i >= len(d.copied) || !strings.HasPrefix(d.copied[i], w) {
			t.Errorf("copied %q", d.copied)
		}
	}
	d.wantText(want...)
}

// Every socket of the detail is shown, live ones first.
func TestDetailListsEverySocket(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.press("enter")
	x := d.frame.report.Destinations[0]
	if got, want := len(d.detail.rows.sockets), d.frame.report.Snapshot.Flows[x.Flow].Len(); got != want {
		t.Fatalf("%d sockets, want %d", got, want)
	}
	waiting := false
	for i := range d.detail.rows.sockets {
		tw := d.detail.table.row(i).sock.State == source.StateTimeWait
		if waiting && !tw {
			t.Fatalf("row %d is live, after TIME-WAITs", i)
		}
		waiting = tw
	}
}

func TestDetailFollowsItsSocket(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("enter", "G")
	before := d.row()
	d.next()
	if got := d.row(); len(got) < 30 || got[:30] != before[:30] {
		t.Errorf("the cursor went from\n%s to\n%s", before, got)
	}
}

func TestDetailOfAService(t *testing.T) {
	d := drive(t, "exhausted", 120, 40, nil)
	d.press("3", "j", "enter")
	d.wantText("listener 0.0.0.0:80", "ss -tanoe 'sport = :80'", "tcpdump -ni any 'tcp port 80'", "198.51.100.20:20000", "of 511")
}

// A destination whose last connection ends while its detail is open.
func TestDetailOfWhatIsGone(t *testing.T) {
	p := scenario("exhausted")
	d := newDriver(t, testOptions(p), 80, 24)
	d.press("j", "enter")
	p.lanes = append(p.lanes[:2:2], p.lanes[3:]...)
	d.next()
	d.wantShape()
	d.wantText("gone: no connection is left")
	d.press("esc")
	d.wantText("━ [2] DESTINATIONS")
}

func TestHelp(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("?")
	for _, g := range d.keys.groups() {
		for _, b := range g.bindings {
			if !b.Enabled() {
				continue
			}
			d.wantText(b.Help().Key, b.Help().Desc)
		}
	}
	d.press("q")
	if d.quit || d.help {
		t.Errorf("q in the help: quit %v, help %v", d.quit, d.help)
	}
	d.keys.copyText.SetEnabled(false)
	d.press("?")
	d.wantNoText("c         copy")
}

func TestHelpScrollsWhereItDoesNotFit(t *testing.T) {
	d := drive(t, "exhausted", 40, 10, nil)
	d.press("?", "G")
	d.wantText("not known; never zero")
	d.press("k", "j", "g")
	d.wantText("MOVE")
	d.press("x")
	d.wantText("DESTINATIONS")
}

func TestInterval(t *testing.T) {
	d := drive(t, "healthy", 120, 40, nil)
	d.press("+")
	if d.pace.asked != 2*time.Second {
		t.Errorf("+ makes it %v", d.pace.asked)
	}
	d.wantText("every 2 s")
	d.press("-", "-")
	d.wantText("every 0.5 s")
	for range 20 {
		d.press("-")
	}
	if d.pace.asked != intervals[0] {
		t.Errorf("the shortest interval is %v", d.pace.asked)
	}
}

func TestQuitAndSuspend(t *testing.T) {
	d := drive(t, "healthy", 80, 24, nil)
	_, cmd := d.Update(keyTypes["ctrl+z"])
	if _, ok := cmd().(tea.SuspendMsg); !ok {
		t.Error("^Z does not suspend")
	}
	if _, cmd := d.Update(continuedMsg{}); cmd != nil {
		t.Error("the terminal is taken twice: Bubble Tea does it after ^Z")
	}
	d.send(tea.ResumeMsg{})
	d.wantShape()
	if _, cmd := d.Update(continuedMsg{}); cmd == nil {
		t.Error("the terminal is not taken back after a stop from outside")
	}
	d.press("q")
	if !d.quit {
		t.Error("q does not quit")
	}
}

func TestPastedTextIsNoCommand(t *testing.T) {
	d := drive(t, "healthy", 80, 24, nil)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true})
	if d.quit {
		t.Error("a pasted q ended the program")
	}
	d.press("/")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(":5432\x1b[2J\u202e\n"), Paste: true})
	if got := d.filter.editor.value(); got != ":5432 " {
		t.Errorf("pasted %q into the filter", got)
	}
}

// Keys that come in one read are taken one by one; torn mouse reports are not keys.
func TestKeysThatArriveTogether(t *testing.T) {
	d := drive(t, "exhausted", 80, 24, nil)
	d.press("jj")
	d.wantRow("203.0.113.80:443")
	d.press("[<65;40;12M")
	d.wantRow("203.0.113.80:443")
	if d.focus != areaDestinations {
		t.Error("a torn mouse report changed the focus")
	}
}

// No key that the help tells ends or changes anything but the screen, except
// the ones to quit: each can be taken back.
func TestNoTwoBindingsShareAKey(t *testing.T) {
	k := newKeyMap(true, true)
	seen := map[string]key.Binding{}
	for _, b := range []key.Binding{k.up, k.down, k.pageUp, k.pageDown, k.home, k.end, k.next, k.previous, k.panes, k.filter,
		k.clear, k.sort, k.sortBack, k.reverse, k.detail, k.copyText, k.spaces, k.homeSpace, k.freeze, k.plan, k.undo, k.persist, k.ports, k.export, k.yes, k.longer, k.shorter, k.help, k.quit, k.interrupt, k.suspend} {
		for _, name := range b.Keys() {
			if other, ok := seen[name]; ok {
				t.Errorf("%q is both %q and %q", name, other.Help().Desc, b.Help().Desc)
			}
			seen[name] = b
		}
	}
}

// c copies a sysctl's whole value, however little of it is shown, and so that a
// shell takes it for one word.
func TestCopyOfASysctl(t *testing.T) {
	long := strings.Repeat("40000,40002,40004-40006,", 200) + "41000"
	d := drive(t, "exhausted", 80, 24, func(o *Options) {
		o.Source.(*play).sysctl["net.ipv4.ip_local_reserved_ports"] = long
		o.Source.(*play).sysctl["net.ipv4.tcp_tw_reuse"] = "1\nid"
	})
	for key, want := range map[string]string{
		"net.ipv4.ip_local_reserved_ports": "net.ipv4.ip_local_reserved_ports=" + long,
		"net.ipv4.ip_local_port_range":     "net.ipv4.ip_local_port_range='32768 60999'",
		"net.ipv4.tcp_tw_reuse":            "", // no kernel prints a second line
	} {
		d.copied = nil
		d.press("4", "g")
		for d.sysctls.current().key.Name != key {
			d.press("j")
		}
		d.press("c")
		if got := strings.Join(d.copied, "|"); got != want {
			t.Errorf("%s: copied %q, want %q", key, got, want)
		}
		if want == "" {
			d.wantText("nothing to copy")
		}
		d.wantShape()
	}
}
