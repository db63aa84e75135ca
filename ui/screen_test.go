package ui

import (
	"reflect"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"
)

// driver runs a Model without a terminal: it sends messages and carries out the
// commands that come back. Timers do not run: next stands for the tick.
type driver struct {
	*Model
	t      *testing.T
	copied []string
	waits  []time.Duration // until the ticks that were scheduled
	quit   bool
}

// wrapModel gives a Model a driver in place of terminal and timers.
func wrapModel(t *testing.T, m *Model) *driver {
	d := &driver{Model: m, t: t}
	d.copy = func(s string) tea.Cmd { d.copied = append(d.copied, s); return nil }
	d.after = func(w time.Duration, _ func(time.Time) tea.Msg) tea.Cmd { d.waits = append(d.waits, w); return nil }
	return d
}

func newDriver(t *testing.T, o Options, w, h int) *driver {
	t.Helper()
	d := wrapModel(t, newModel(t.Context(), o, termenv.TrueColor))
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.run(d.Init())
	return d
}

// drive starts a scenario and shows its first two frames, so that there is a change.
func drive(t *testing.T, name string, w, h int, change func(*Options)) *driver {
	t.Helper()
	o := testOptions(scenario(name))
	if change != nil {
		change(&o)
	}
	d := newDriver(t, o, w, h)
	d.next()
	return d
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.Update(msg)
	d.run(cmd)
}

// next lets the scheduled tick fire.
func (d *driver) next() { d.send(tickMsg{d.Model.ticks}) }

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.take(cmd())
}

func (d *driver) take(msg tea.Msg) {
	if batch, ok := unpack(msg); ok {
		for _, c := range batch {
			d.run(c)
		}
		return
	}
	switch msg := msg.(type) {
	case nil:
	case grownMsg, foundMsg:
		if !waits(msg) {
			d.send(msg)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		d.send(msg)
	}
}

// waits reports whether a message is of a Wait that would go on.
func waits(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case grownMsg:
		return msg.err == errNotYet
	case foundMsg:
		return msg.err == errNotYet
	}
	return false
}

// unpack unpacks tea.Batch and tea.Sequence, whose message is not exported.
func unpack(msg tea.Msg) ([]tea.Cmd, bool) {
	if b, ok := msg.(tea.BatchMsg); ok {
		return b, true
	}
	v := reflect.ValueOf(msg)
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return nil, false
	}
	var out []tea.Cmd
	for i := range v.Len() {
		out = append(out, v.Index(i).Interface().(tea.Cmd))
	}
	return out, true
}

var keyTypes = map[string]tea.KeyMsg{
	"enter": {Type: tea.KeyEnter}, "esc": {Type: tea.KeyEsc}, "tab": {Type: tea.KeyTab}, "shift+tab": {Type: tea.KeyShiftTab},
	"up": {Type: tea.KeyUp}, "down": {Type: tea.KeyDown}, "pgup": {Type: tea.KeyPgUp}, "pgdown": {Type: tea.KeyPgDown},
	"home": {Type: tea.KeyHome}, "end": {Type: tea.KeyEnd}, " ": {Type: tea.KeySpace, Runes: []rune(" ")},
	"left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight}, "shift+left": {Type: tea.KeyShiftLeft}, "shift+right": {Type: tea.KeyShiftRight},
	"backspace": {Type: tea.KeyBackspace}, "ctrl+c": {Type: tea.KeyCtrlC}, "ctrl+z": {Type: tea.KeyCtrlZ},
}

// press sends keys by their names.
func (d *driver) press(keys ...string) {
	for _, k := range keys {
		msg, ok := keyTypes[k]
		if !ok {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		}
		d.send(msg)
	}
}

// typeText sends text key by key.
func (d *driver) typeText(s string) {
	for _, r := range s {
		d.press(string(r))
	}
}

// text is what the screen shows, without colours.
func (d *driver) text() string { return ansi.Strip(d.View()) }

func (d *driver) wantText(want ...string) {
	d.t.Helper()
	for _, w := range want {
		if !strings.Contains(d.text(), w) {
			d.t.Errorf("the screen does not say %q:\n%s", w, d.text())
		}
	}
}

func (d *driver) wantNoText(want ...string) {
	d.t.Helper()
	for _, w := range want {
		if strings.Contains(d.text(), w) {
			d.t.Errorf("the screen says %q:\n%s", w, d.text())
		}
	}
}

// wantShape: as many rows as the terminal has, each exactly as wide.
func (d *driver) wantShape() {
	d.t.Helper()
	rows := strings.Split(d.View(), "\n")
	if len(rows) != d.height {
		d.t.Fatalf("%d×%d: %d rows", d.width, d.height, len(rows))
	}
	for i, r := range rows {
		if w := ansi.StringWidth(r); w != d.width {
			d.t.Fatalf("%d×%d: row %d is %d cells wide: %q", d.width, d.height, i, w, ansi.Strip(r))
		}
	}
}

var sizes = []struct {
	name string
	w, h int
}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"200x60", 200, 60}, {"40x10", 40, 10}}

func TestScreens(t *testing.T) {
	for name := range scenarios {
		for _, s := range sizes {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				d := drive(t, name, s.w, s.h, nil)
				d.wantShape()
				golden.RequireEqual(t, d.text()+"\n")
			})
		}
	}
}

// The screens that are a key away.
func TestScreensBehindKeys(t *testing.T) {
	for name, c := range map[string]struct {
		scenario string
		w, h     int
		keys     []string
	}{
		"states":          {"exhausted", 80, 24, []string{"1"}},
		"services":        {"exhausted", 80, 24, []string{"3"}},
		"services-medium": {"exhausted", 120, 40, []string{"3"}},
		"sysctls":         {"exhausted", 80, 24, []string{"4", "j", "j"}},
		"ports":           {"exhausted", 80, 24, []string{"5", "j"}},
		"detail":          {"exhausted", 80, 24, []string{"enter"}},
		"detail-wide":     {"exhausted", 200, 60, []string{"enter", "G"}},
		"detail-six":      {"six", 80, 24, []string{"enter"}},
		"detail-service":  {"exhausted", 120, 40, []string{"3", "j", "enter"}},
		"detail-tiny":     {"exhausted", 40, 10, []string{"enter"}},
		"help":            {"unprivileged", 80, 24, []string{"?"}},
		"help-wide":       {"exhausted", 200, 60, []string{"?"}},
		"filter":          {"exhausted", 80, 24, []string{"/", "1", "0", ".", "0", ".", "3"}},
		"frozen":          {"exhausted", 120, 40, []string{" "}},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, c.scenario, c.w, c.h, nil)
			d.press(c.keys...)
			d.wantShape()
			golden.RequireEqual(t, d.text()+"\n")
		})
	}
}

// Colours and attributes, at every depth and theme.
func TestStyledScreens(t *testing.T) {
	for _, c := range []struct {
		name, theme string
		depth       termenv.Profile
		env         map[string]string
	}{
		{"dark", "dark", termenv.TrueColor, nil},
		{"light", "light", termenv.TrueColor, nil},
		{"dark-256", "dark", termenv.ANSI256, nil},
		{"dark-16", "dark", termenv.ANSI, nil},
		{"mono", "mono", termenv.TrueColor, nil},
		{"no-color", "dark", termenv.TrueColor, map[string]string{"NO_COLOR": "1"}},
		{"dumb", "auto", termenv.Ascii, map[string]string{"TERM": "dumb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := testOptions(scenario("exhausted"))
			o.Theme, o.Getenv = c.theme, func(k string) string { return c.env[k] }
			d := wrapModel(t, newModel(t.Context(), o, c.depth))
			d.send(tea.WindowSizeMsg{Width: 100, Height: 30})
			d.run(d.Init())
			d.wantShape()
			golden.RequireEqual(t, d.View()+"\n")
		})
	}
}
