package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// spaces is the list of network namespaces, and the way from one to another.
type spaces struct {
	all     Namespaces // nil where there are no others
	unasked bool       // they are looked into while the list is closed

	open     bool
	stepping bool // a step is under way, or is due
	list     []source.Standing
	gaps     []string
	trouble  error // of the survey
	table    table[spaceRow, spaceKey]
	row      spaceRow // the last that the table asked for
	w, h     int

	home     *spot
	entering string // where the screen is on its way to
	gen      int    // of the way there
	refused  string // why it did not get there
}

// spaceKey tells rows apart: an inode number is used again.
type spaceKey struct{ inode, cookie uint64 }

func keyOfSpace(s *spaceRow) spaceKey { return spaceKey{s.Inode, s.Cookie} }

// surveyMsg is the end of a step.
type surveyMsg struct {
	list []source.Standing
	gaps []string
	rest time.Duration
	err  error
}

// stepMsg says that it is time for the next step.
type stepMsg struct{}

// enteredMsg is the end of a way to another namespace.
type enteredMsg struct {
	gen   int
	name  string
	place Place
	err   error
}

func newSpaces(o *Options, home *spot) spaces {
	return spaces{all: o.Namespaces, unasked: o.Unasked, home: home, table: newTable(spaceColumns, keyOfSpace)}
}

// lookAround begins to look into the other namespaces, where that is wanted and
// not under way.
func (m *Model) lookAround() tea.Cmd {
	s := &m.spaces
	if s.all == nil || s.stepping || !s.open && !s.unasked {
		return nil
	}
	s.stepping = true
	all, ctx := s.all, m.reader.ctx
	all.Watch(m.place.Namespace.Cookie)
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = surveyMsg{err: err} })
		var x surveyMsg
		x.rest, x.err = all.Step(ctx)
		x.list, x.gaps = all.Standing()
		for i := range x.list {
			x.list[i] = cleanStanding(x.list[i])
		}
		return x
	}
}

// surveyed takes what a step has seen.
func (m *Model) surveyed(msg surveyMsg) tea.Cmd {
	s := &m.spaces
	s.trouble = msg.err
	if msg.list != nil {
		s.list = msg.list
	}
	s.gaps = nil
	for _, g := range msg.gaps {
		s.gaps = append(s.gaps, clean(g))
	}
	m.showSpaces()
	const least = 50 * time.Millisecond
	return m.after(max(msg.rest, least), func(time.Time) tea.Msg { return stepMsg{} })
}

// stepOn makes the next step; a frozen screen makes none, and goes on with the
// next frame.
func (m *Model) stepOn() tea.Cmd {
	m.spaces.stepping = false
	if m.frozen && !m.spaces.open {
		return nil
	}
	return m.lookAround()
}

// showSpaces puts the rows in order. What is known of where the screen looks
// comes from its own frame.
func (m *Model) showSpaces() {
	s := &m.spaces
	if i := s.here(m.place); i >= 0 && m.frame != nil {
		v := m.frame.verdict
		s.list[i].Verdict, s.list[i].Looked, s.list[i].Trouble = &v, m.frame.taken, ""
	}
	slices.SortStableFunc(s.list, source.WorseFirst)
	here := s.here(m.place)
	s.table.setRows(len(s.list), false, func(i int) *spaceRow {
		s.row = spaceRow{&s.list[i], i == here}
		return &s.row
	})
}

// here is the index of a place in the list, -1 where it is not there.
func (s *spaces) here(p *spot) int {
	return slices.IndexFunc(s.list, func(x source.Standing) bool { return !x.Gone && x.Same(&p.Namespace) })
}

// openSpaces shows the list.
func (m *Model) openSpaces() tea.Cmd {
	s := &m.spaces
	if s.all == nil {
		return nil
	}
	s.open, s.refused = true, ""
	s.table.held = false
	m.showSpaces()
	return m.lookAround()
}

// close goes back to where the list was opened; a way that is under way
// leads nowhere then.
func (s *spaces) close() {
	s.open, s.entering = false, ""
	s.gen++
}

func (m *Model) pressSpaces(msg tea.KeyMsg) tea.Cmd {
	s := &m.spaces
	if mo := m.keys.motion(msg); mo != motionNone {
		s.table.navigate(mo)
		return nil
	}
	switch {
	case key.Matches(msg, m.keys.back), key.Matches(msg, m.keys.spaces):
		s.close()
	case key.Matches(msg, m.keys.enter):
		return m.enterSpace()
	case key.Matches(msg, m.keys.homeSpace):
		return m.goHome()
	case key.Matches(msg, m.keys.help):
		m.help, m.helpFrom = true, 0
	}
	return nil
}

// enterSpace goes to the namespace under the cursor.
func (m *Model) enterSpace() tea.Cmd {
	s := &m.spaces
	r := s.table.current()
	switch {
	case r == nil:
		return nil
	case r.Gone:
		s.refused = r.String() + " is gone"
		return nil
	case r.Same(&m.place.Namespace):
		s.close()
		return nil
	case r.Same(&s.home.Namespace):
		return m.goHome()
	}
	s.gen++
	s.entering, s.refused = r.String(), ""
	gen, name, n, all, ctx := s.gen, s.entering, r.Namespace, s.all, m.reader.ctx
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = enteredMsg{gen: gen, name: name, err: err} })
		p, err := all.Enter(ctx, n)
		return enteredMsg{gen, name, p, err}
	}
}

// entered moves the screen, or says why it stays.
func (m *Model) entered(msg enteredMsg) tea.Cmd {
	s := &m.spaces
	to := &spot{Place: msg.place, name: msg.name, assessor: new(diagnosis.Assessor)}
	switch {
	case msg.gen != s.gen && msg.err == nil:
		return to.leave() // nobody wants to go there any more
	case msg.gen != s.gen:
		return nil
	case msg.err != nil:
		s.entering, s.refused = "", clean(msg.err.Error())
		return nil
	}
	s.close()
	return m.moveTo(to)
}

// goHome goes back to where the screen began.
func (m *Model) goHome() tea.Cmd {
	if m.spaces.home == nil || m.place == m.spaces.home {
		m.toast = "this is where it began"
		return nil
	}
	m.spaces.close()
	return m.moveTo(m.spaces.home)
}

// ifAway offers a key only where there is a way back.
func (m *Model) ifAway(b key.Binding) key.Binding {
	b.SetEnabled(b.Enabled() && m.place != m.spaces.home)
	return b
}

// Another namespace is told of in the header from this pressure on, where it is
// by so much above that of the screen's own.
const (
	worsePressure = diagnosis.WarningPressure
	worseBy       = 10
)

// elsewhere says that another namespace is worse off than this one: "1 of 43
// namespaces has no port left: payments (n)".
func (m *Model) elsewhere() segment {
	s := &m.spaces
	if s.open {
		return segment{}
	}
	here, own := s.here(m.place), 0.0
	if m.frame != nil {
		own = m.frame.verdict.Pressure
	}
	for i := range s.list {
		x := &s.list[i]
		if i == here || x.Gone || x.Verdict == nil {
			continue
		}
		switch p := x.Verdict.Pressure; {
		case x.Exhausted() && own < 100:
			return segment{k: inkBadgeCritical, text: source.NoPortLeft(s.list) + " (n)", short: "no port left in " + x.String() + " (n)"}
		case p >= worsePressure && p >= own+worseBy:
			return segment{k: inkWarning, text: fmt.Sprintf("namespace %v is worse: %s (n)", &x.Namespace, percent(p)),
				short: x.String() + " " + percent(p) + " (n)"}
		}
		break // the others are no worse
	}
	return segment{}
}
