package ui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// Saver keeps what the screen has seen of late, and saves it. Its methods may be
// called from any goroutine; Save and Stop may take a while.
type Saver interface {
	// Save makes a new file of what is kept, and goes on to record there.
	Save() error
	// Stop ends that.
	Stop() error
	State() SaveState
}

// SaveState is how a recording stands.
type SaveState struct {
	On      bool
	Name    string // of the last file
	Frames  int    // in it
	Bytes   int64  // and how many that are
	Trouble error  // why it ended, unless it was told to
}

// saving is a screen's recording.
type saving struct {
	saver   Saver // nil where there is none
	busy    bool
	state   SaveState
	pressed time.Time
}

// savedMsg says that a recording has begun or ended.
type savedMsg struct {
	saver Saver
	state SaveState
	err   error
}

// offerSaving offers the key where there is a Saver.
func (m *Model) offerSaving(s Saver) {
	m.saving = saving{saver: s}
	m.keys.save.SetEnabled(s != nil)
}

// saveAgain is how long the key has to rest before it counts again: held down, it
// would make file after file.
const saveAgain = time.Second

// pressSave saves what was seen and records on, or ends that.
func (m *Model) pressSave() tea.Cmd {
	s := &m.saving
	now := m.options.Now()
	held := now.Sub(s.pressed) < saveAgain
	s.pressed = now
	if held || s.busy {
		return nil
	}
	s.busy = true
	saver, do := s.saver, s.saver.Save
	if s.state.On {
		do = s.saver.Stop
	}
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = savedMsg{saver: saver, err: err} })
		err := do()
		return savedMsg{saver, saver.State(), err}
	}
}

// saved says what became of it.
func (m *Model) saved(msg savedMsg) tea.Cmd {
	s := &m.saving
	if msg.saver != s.saver {
		return m.savedBefore(msg)
	}
	s.busy, s.state = false, msg.state
	m.nameSave()
	switch {
	case msg.err != nil:
		m.toast = "not saved: " + clean(msg.err.Error())
	case s.state.On:
		m.toast = "recording on, w ends it; saved " + s.state.words()
	default:
		m.toast = "saved " + s.state.words()
	}
	if m.frozen && !m.reading {
		return m.lookOn()
	}
	return nil
}

// leaveSaving ends the recording of a namespace that the screen leaves: it would
// have a gap until the screen comes back.
func (m *Model) leaveSaving() tea.Cmd {
	if !m.saving.state.On {
		return nil
	}
	return stopSaving(m.saving.saver)
}

func stopSaving(saver Saver) tea.Cmd {
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = savedMsg{saver: saver, err: err} })
		err := saver.Stop()
		return savedMsg{saver, saver.State(), err}
	}
}

// savedBefore says what became of a recording of the namespace before. One that
// began while the screen left ends now.
func (m *Model) savedBefore(msg savedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		m.toast = "not saved: " + clean(msg.err.Error())
	case msg.state.On:
		return stopSaving(msg.saver)
	case msg.state.Name != "":
		m.toast = "recording ended: saved " + msg.state.words()
	}
	return nil
}

// nameSave says what the key does now.
func (m *Model) nameSave() {
	does := "save capture"
	if m.saving.state.On {
		does = "end recording"
	}
	m.keys.save.SetHelp("w", does)
}

// words says what is in the file.
func (s *SaveState) words() string {
	return commas(s.Frames) + " frames, " + diagnosis.Bytes(s.Bytes) + ", in " + clean(s.Name)
}

// showSaving looks how the recording stands, and says so where it has ended.
func (m *Model) showSaving() {
	s := &m.saving
	if s.saver == nil || s.busy {
		return
	}
	was := s.state.On
	s.state = s.saver.State()
	m.nameSave()
	if was && !s.state.On && s.state.Trouble != nil {
		m.toast = "recording ended: " + clean(s.state.Trouble.Error()) + "; saved " + s.state.words()
	}
}

// looking reports whether snapshots are taken: a frozen screen records on.
func (m *Model) looking() bool { return !m.frozen || m.saving.state.On }

// lookOn schedules the next look of a frozen screen, if it records.
func (m *Model) lookOn() tea.Cmd {
	if !m.looking() {
		return nil
	}
	return m.tick()
}
