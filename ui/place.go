package ui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// Namespaces are the network namespaces of the host, which are looked into in
// turn. Step and Enter may take a while and are called off the screen's
// goroutine; all methods may be called at once.
type Namespaces interface {
	// Step looks on for a few milliseconds, and returns how long to rest then.
	Step(ctx context.Context) (rest time.Duration, err error)
	// Standing returns all of them, the worst first, and what could not be
	// seen.
	Standing() (list []source.Standing, gaps []string)
	// Watch leaves the sockets of the namespace with that cookie out: the
	// screen lists them itself.
	Watch(cookie uint64)
	// Enter opens one that Standing told of.
	Enter(ctx context.Context, n source.Namespace) (Place, error)
}

// Place is where the screen looks, and changes sysctls.
type Place struct {
	Source source.Source
	Tuner  Tuner // nil where there is nothing to change
	Saver  Saver // nil where nothing can be saved
	// Namespace is what is certain of it: its inode and its cookie.
	Namespace source.Namespace
	NetNSPath string // as in Options
	Close     func() // frees all that; nil for nothing
}

// spot is a Place with what the screen remembers of it. The one that the screen
// began with is kept; others are closed when the screen leaves them.
type spot struct {
	Place
	name     string // "" for the one that the screen began with
	assessor *diagnosis.Assessor
	effect   diagnosis.Effect
	turn     sync.Mutex // one read at a time, also where the screen comes back during one
}

// homeSpot is where the screen begins.
func homeSpot(o *Options) *spot {
	return &spot{
		Place:    Place{Source: o.Source, Tuner: o.Tuner, Saver: o.Saver, Namespace: o.Namespace, NetNSPath: o.NetNSPath},
		assessor: new(diagnosis.Assessor),
	}
}

// leave frees a place, when a read under way has ended.
func (p *spot) leave() tea.Cmd {
	if p.name == "" || p.Close == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer caught(func(error) {}) // there is nobody to be told
		p.turn.Lock()
		defer p.turn.Unlock()
		p.Close()
		return nil
	}
}

// moveTo makes the whole screen about another place: what is read, what is
// remembered, and where sysctls are changed.
func (m *Model) moveTo(to *spot) tea.Cmd {
	from, ended := m.place, m.leaveSaving()
	from.effect, m.effect = m.effect, to.effect
	m.place, m.reader.place, m.reader.tuned = to, to, to.Tuner != nil
	m.keys = newKeyMap(to.Tuner != nil, true)
	m.offerSaving(to.Saver)
	o := &m.options
	o.Source, o.Tuner, o.NetNSPath = to.Source, to.Tuner, to.NetNSPath
	m.detail, m.advice = newDetailPane(o.NetNSPath), newAdvicePane(o.NetNSPath)
	gen := m.tune.gen + 1
	m.tune = newTuning(m.reader.ctx, o)
	m.tune.gen = gen // what was asked for elsewhere is not shown
	m.frame, m.trouble, m.gapsSeen, m.frozen = nil, trouble{}, false, false
	m.followed, m.followRows = nil, 0
	m.emptyRows()
	m.view.gen++
	m.view.subject = subject{}
	m.ticks++ // the tick that was scheduled is of the place before
	m.relayout()
	return tea.Batch(ended, from.leave(), m.read(), m.tune.look())
}

// emptyRows leaves the tables without rows until the next frame.
func (m *Model) emptyRows() {
	m.dests.held, m.svcs.held, m.sysctls.held, m.findings.held, m.owners.held = false, false, false, false, false
	m.dests.setRows(0, false, nil)
	m.svcs.setRows(0, false, nil)
	m.sysctls.setRows(0, false, nil)
	m.findings.setRows(0, false, nil)
	m.owners.setRows(0, false, nil)
}
