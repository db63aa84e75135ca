package ui

import (
	"context"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// Model is the screen: it routes messages to the panes and holds the frame
// that they draw. Use New.
type Model struct {
	options Options
	place   *spot
	reader  reader
	theme   *theme
	keys    keyMap
	copy    func(string) tea.Cmd
	after   func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick

	width, height int
	layout        layout
	focus         area

	frame     *frame
	view      view
	pace      pace
	ticks     int // generation of the tick that counts
	reading   bool
	arranging bool
	frozen    bool
	suspended bool // by ^Z, until tea.ResumeMsg
	gapsSeen  bool // they keep their row from then on
	trouble   trouble

	dests    table[diagnosis.Destination, destKey]
	svcs     table[diagnosis.Service, serviceKey]
	sysctls  table[sysctlRow, string]
	findings table[diagnosis.Finding, findingKey]
	owners   table[ownerRow, ownerKey]
	detail   *detailPane
	advice   *advicePane
	tune     tuning
	effect   diagnosis.Effect // of a live screen
	saving   saving
	player   *player // nil on a live screen
	survey   *survey // nil without a timeline
	followed []followLine
	// followRows are those of the lines that follow a change.
	followRows int
	setRow     sysctlRow // the row of a sysctl, marked
	heard      time.Time // when the last key or mouse report came, or what y is about
	early      bool      // the last key was a y, too soon
	spaces     spaces
	filter     filterBar
	help       bool
	helpFrom   int    // its first row
	toast      string // what the last key did, in place of the keys

	drawn string // the last View, "" when something has changed since
}

var _ tea.Model = (*Model)(nil)

// New returns a screen that has not been drawn yet. An unknown Options.Theme
// is taken as auto; Run refuses it.
func New(o Options) *Model { return newModel(context.Background(), o, termenv.TrueColor) }

func newModel(ctx context.Context, o Options, depth termenv.Profile) *Model {
	o = o.withDefaults()
	t, err := themeFor(o.Theme, depth, o.Getenv)
	if err != nil {
		t, _ = themeFor("", depth, o.Getenv)
	}
	home := homeSpot(&o)
	m := &Model{
		options: o, theme: t, keys: newKeyMap(o.Tuner != nil, o.Namespaces != nil), focus: areaDestinations,
		place: home, spaces: newSpaces(&o, home),
		reader: reader{ctx: ctx, place: home, catalogue: o.SysctlCatalogue, tuned: o.Tuner != nil},
		pace:   newPace(o.Interval),
		dests:  newTable(choose(destColumns, o.Columns), keyOfDest),
		svcs:   newTable(serviceColumns, keyOfService),
		detail: newDetailPane(o.NetNSPath),
		advice: newAdvicePane(o.NetNSPath),
		tune:   newTuning(ctx, &o),
		filter: newFilterBar(o.Filter),
		copy:   func(s string) tea.Cmd { return copyTo(io.Discard, s) },
		after:  tea.Tick,
	}
	m.sysctls = newTable(sysctlColumns, keyOfSysctl)
	m.findings = newTable(findingColumns, keyOfFinding)
	m.owners = newTable(ownerColumns, keyOfOwner)
	m.dests.always = true // the ports pane shows its minutes
	m.resize(0, 0)
	m.offerSaving(o.Saver)
	if o.Replay != nil {
		m.replay(o.Replay)
	}
	m.view = view{gen: 1, filter: m.filter.filter, dests: m.dests.sort, svcs: m.svcs.sort}
	return m
}

// Init takes the first snapshot, and looks whether there is something to undo.
func (m *Model) Init() tea.Cmd {
	if m.player != nil {
		return m.startReplay()
	}
	return tea.Batch(m.read(), m.tune.look())
}

// Update takes a message: a frame, a key, the mouse or a new size.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.drawn = ""
	return m, m.route(msg)
}

func (m *Model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.hear()
		m.resize(msg.Width, msg.Height)
	case frameMsg:
		return m.land(msg)
	case orderMsg:
		return m.reorder(msg)
	case tickMsg:
		if msg.gen == m.ticks && m.looking() && !m.reading && !m.trouble.final {
			return m.ticked()
		}
	case grownMsg:
		return m.grown(msg)
	case savedMsg:
		return m.saved(msg)
	case foundMsg:
		return m.found(msg)
	case restedMsg:
		return m.survey.goOn()
	case continuedMsg:
		if !m.suspended {
			return takeTerminal
		}
	case tea.ResumeMsg, takenMsg:
		m.hear()
		m.suspended = false
		return tea.Batch(tea.ClearScreen, tea.EnableMouseCellMotion)
	case plannedMsg:
		m.hear()
		m.tune.planned(msg)
	case undoMsg:
		m.hear()
		m.tune.askedBack(msg, m.options.Now())
	case doneMsg:
		return m.done(msg)
	case surveyMsg:
		return m.surveyed(msg)
	case stepMsg:
		return m.stepOn()
	case enteredMsg:
		return m.entered(msg)
	case leftMsg:
		if msg.tuner != m.tune.tuner {
			return nil // of the place before
		}
		m.tune.heard(msg)
		m.refollow()
	case tea.KeyMsg:
		return m.press(msg)
	case tea.MouseMsg:
		return m.mouse(tea.MouseEvent(msg))
	}
	return nil
}

// The size of a terminal that does not tell: a serial console says 0 × 0.
const defaultWidth, defaultHeight = 80, 24

func (m *Model) resize(w, h int) {
	if w <= 0 || h <= 0 {
		w, h = defaultWidth, defaultHeight
	}
	m.width, m.height = w, h
	m.retime()
	m.relayout()
}

// read starts the next read. There is never a second one under way.
func (m *Model) read() tea.Cmd {
	m.reading = true
	if m.player != nil {
		m.player.head.asked = m.options.Now()
		return m.player.read(&m.reader, m.view)
	}
	m.pace.begin(m.meter())
	return m.reader.read(m.view)
}

// meter reads the clock and the CPU time.
func (m *Model) meter() meter {
	cpu, known := m.options.CPU()
	return meter{m.options.Now(), cpu, known}
}

// land takes the end of a read, and schedules the next one only now.
func (m *Model) land(msg frameMsg) tea.Cmd {
	if msg.place != nil && msg.place != m.place {
		return nil // the screen has moved since
	}
	m.reading = false
	if m.player != nil {
		return m.landReplay(msg)
	}
	if msg.err != nil {
		return m.fail(msg.err)
	}
	m.trouble = trouble{}
	m.pace.land(m.meter(), msg.frame.report.Snapshot.Cost.CPU)
	m.showSaving()
	if m.frozen {
		return m.lookOn() // the frame on the screen stays
	}
	m.frame = msg.frame
	m.effect.See(msg.frame.report)
	m.follow()
	m.showRows()
	return tea.Batch(m.tick(), m.rearrangeIfStale(), m.lookAround())
}

// fail takes a read that gave no frame: the last one stays. What may pass is
// tried again at the usual pace.
func (m *Model) fail(err error) tea.Cmd {
	if m.reader.ctx.Err() != nil {
		return tea.Quit
	}
	m.pace.land(m.meter(), m.pace.cost)
	switch x := (trouble{err: err, final: final(err)}); {
	case x.final:
		m.trouble = x
		return nil
	case m.frozen:
		return m.lookOn() // the frame on the screen stays
	default:
		m.trouble = x
		return m.tick()
	}
}

// tick schedules the next read; ticks scheduled before do not count any more.
func (m *Model) tick() tea.Cmd {
	m.ticks++
	gen := m.ticks
	m.trouble.wait = m.pace.wait(m.options.Now())
	return m.after(m.trouble.wait, tickAt(gen))
}

func tickAt(gen int) func(time.Time) tea.Msg {
	return func(time.Time) tea.Msg { return tickMsg{gen} }
}

// ticked does what it is time for.
func (m *Model) ticked() tea.Cmd {
	if m.player == nil {
		return m.read()
	}
	return m.player.head.tick(m.read)
}

// changeView makes a change of filter, sorting or subject count.
func (m *Model) changeView() tea.Cmd {
	m.view.gen++
	m.view.filter, m.view.dests, m.view.svcs = m.filter.filter, m.dests.sort, m.svcs.sort
	m.view.subject = m.detail.subject
	return m.rearrangeIfStale()
}

// rearrangeIfStale puts the rows in the order that is wanted now: at once where
// they are few, else in a goroutine, one at a time.
func (m *Model) rearrangeIfStale() tea.Cmd {
	switch {
	case m.frame == nil || m.frame.order.gen == m.view.gen || m.arranging:
		return nil
	case small(m.frame.report):
		m.frame.order = m.view.arrange(m.frame.report)
		m.showRows()
		return nil
	}
	m.arranging = true
	return rearrange(m.frame, m.view)
}

// reorder takes a new order, if the frame it was made for is still there.
func (m *Model) reorder(msg orderMsg) tea.Cmd {
	m.arranging = false
	if msg.err != nil {
		m.trouble = trouble{err: msg.err, final: true}
		return nil
	}
	if msg.frame == m.frame {
		m.frame.order = msg.order
		m.showRows()
	}
	return m.rearrangeIfStale()
}

// showRows gives the panes the rows of the frame.
func (m *Model) showRows() {
	f := m.frame
	r := f.report
	m.dests.setRows(len(f.order.dests), f.six, func(i int) *diagnosis.Destination { return &r.Destinations[f.order.dests[i]] })
	m.svcs.setRows(len(f.order.svcs), f.six, func(i int) *diagnosis.Service { return &r.Services[f.order.svcs[i]] })
	m.sysctls.setRows(len(f.sysctls), false, func(i int) *sysctlRow { return m.sysctlRow(&f.sysctls[i]) })
	m.findings.setRows(len(f.findings), false, func(i int) *diagnosis.Finding { return &f.findings[i] })
	m.showOwners()
	m.detail.setFrame(f)
	m.detail.setSize(f, m.width, m.bodyRows())
	m.advice.setFrame(f)
	if m.tune.stage == stageOutcome {
		m.tune.sheet.rewrite() // it tells of the ports since
	}
	if len(f.gaps) > 0 && !m.gapsSeen {
		m.gapsSeen = true
		m.relayout()
	}
}

// relayout works out who is where after a new size or focus.
func (m *Model) relayout() {
	m.layout = arrange(m.width, m.height, m.focus, extras{m.gapsSeen, m.followRows, m.timelineRows()})
	size := func(a area, set func(w, h int)) {
		if r := m.layout.rects[a]; !r.empty() {
			set(r.w-m.gutter(r), r.h-1)
		}
	}
	size(areaDestinations, m.dests.setSize)
	size(areaServices, m.svcs.setSize)
	size(areaOwners, m.owners.setSize)
	size(areaFindings, func(w, h int) { m.findings.setSize(w, h-findingNote(h+1)) })
	m.detail.setSize(m.frame, m.width, m.bodyRows())
	m.advice.setSize(m.width, m.bodyRows())
	m.tune.setSize(m.width, m.bodyRows())
	m.spaces.setSize(m.width, m.bodyRows())
	size(areaSysctls, func(w, h int) { m.sysctls.setSize(w, h-sysctlNote(w)) })
}

// bodyRows is what is left between the header and the keys, or the timeline
// above these.
func (m *Model) bodyRows() int { return max(m.height-2-m.timelineRows(), 0) }

// gutter is the blank column between a table and the pane to its right.
func (m *Model) gutter(r rect) int {
	if r.x+r.w < m.width {
		return 1
	}
	return 0
}

func (m *Model) setFocus(a area) {
	m.focus = a
	m.relayout()
}

// chosen is the index of the destination whose minutes are shown: the one under
// the cursor.
func (m *Model) chosen() int {
	if m.frame == nil || m.dests.cursor >= len(m.frame.order.dests) {
		return 0
	}
	return int(m.frame.order.dests[m.dests.cursor])
}

// sysctlRow marks a row that twtop has set.
func (m *Model) sysctlRow(r *sysctlRow) *sysctlRow {
	m.setRow = *r
	for i := range m.tune.left.Items {
		x := &m.tune.left.Items[i]
		m.setRow.set = m.setRow.set || x.Key == r.key.Name && x.Refused == ""
	}
	return &m.setRow
}
