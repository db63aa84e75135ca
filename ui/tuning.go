package ui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// stage is what is on the screen on the way to a change of sysctls and back:
//
//	a → plan → y → writing → outcome
//	u, P → question → y → writing → outcome
//	a → plan → y → question → y → … where the plan is not seen whole
//	x in the plan → formats → file
type stage uint8

const (
	stageClosed stage = iota
	stageAsking       // the Tuner works out a plan
	stagePlan
	stageQuestion // what y would do
	stageWriting
	stageOutcome
	stageFormats
	stageFile
)

// deed is what y does.
type deed uint8

const (
	deedApply deed = iota
	deedUndo
	deedPersist
)

// tuning is the way to the Tuner. Nothing is written but by do.
type tuning struct {
	tuner    Tuner // nil where there is nothing to change
	readOnly bool
	ctx      context.Context
	turn     *sync.Mutex // the Tuner's methods are called one at a time

	stage stage
	gen   int // of the answer that is waited for
	w, h  int

	report  *diagnosis.Report // that the plan is of
	plan    planPane
	ports   portsField
	formats formatList
	sheet   sheet
	deed    deed
	// undo is what the question is about for deedUndo, lasting for deedPersist.
	undo    sysctl.UndoPlan
	lasting sysctl.PersistPlan
	doing   *doing

	// left is what can be put back, as last heard; persistable: where this
	// screen has asked for a plan, a file in /etc/sysctl.d may be written.
	left        sysctl.UndoPlan
	persistable bool
}

// doing is a deed that is under way.
type doing struct {
	stop  context.CancelFunc
	asked bool          // to stop
	done  chan struct{} // closed at its end, when err holds
	err   error
}

// plannedMsg brings a plan, undoMsg what the question of a deed is about.
type plannedMsg struct {
	gen  int
	plan sysctl.Plan
	err  error
}

type undoMsg struct {
	gen     int
	deed    deed
	undo    sysctl.UndoPlan
	plan    sysctl.Plan        // for deedPersist
	lasting sysctl.PersistPlan // for deedPersist, where the plan does not refuse it
	err     error
}

// leftMsg brings what can be put back, to be told in passing.
type leftMsg struct {
	tuner Tuner // who was asked
	undo  sysctl.UndoPlan
	err   error
}

// doneMsg is the end of a deed.
type doneMsg struct {
	deed   deed
	result sysctl.Result
	err    error
}

func newTuning(ctx context.Context, o *Options) tuning {
	return tuning{tuner: o.Tuner, readOnly: o.ReadOnly, ctx: ctx, turn: new(sync.Mutex), plan: newPlanPane()}
}

func (t *tuning) isOpen() bool { return t.stage != stageClosed }

// close goes back to where the first key was pressed. What was asked for and
// comes later is not shown.
func (t *tuning) close() {
	t.stage = stageClosed
	t.gen++
}

// call calls the Tuner off the screen's goroutine.
func (t *tuning) call(f func(Tuner) tea.Msg, failed func(error) tea.Msg) tea.Cmd {
	tuner, turn := t.tuner, t.turn
	if tuner == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = failed(err) })
		turn.Lock()
		defer turn.Unlock()
		return f(tuner)
	}
}

// look asks what can be put back, for the line that tells of it.
func (t *tuning) look() tea.Cmd {
	ctx, tuner := t.ctx, t.tuner
	return t.call(func(tuner Tuner) tea.Msg {
		u, err := tuner.PlanUndo(ctx)
		return leftMsg{tuner, u, err}
	}, func(err error) tea.Msg { return leftMsg{tuner: tuner, err: err} })
}

// heard takes what can be put back. Where that cannot be told it is as before.
func (t *tuning) heard(msg leftMsg) {
	if msg.err == nil || errors.Is(msg.err, sysctl.ErrNothingToUndo) {
		t.left = msg.undo
	}
}

// makePlan asks for the plan of a report.
func (t *tuning) makePlan(r *diagnosis.Report, reserve source.PortSet) tea.Cmd {
	t.stage, t.deed = stageAsking, deedApply
	t.gen++
	gen, ctx := t.gen, t.ctx
	return t.call(func(tuner Tuner) tea.Msg {
		p, err := tuner.Plan(ctx, r, reserve)
		return plannedMsg{gen, p, err}
	}, func(err error) tea.Msg { return plannedMsg{gen: gen, err: err} })
}

// planned shows the plan that was asked for.
func (t *tuning) planned(msg plannedMsg) {
	switch {
	case msg.gen != t.gen || t.stage != stageAsking:
		return
	case msg.err != nil:
		t.show(stageOutcome, failedSheet("NO PLAN", "the plan could not be made", msg.err))
		return
	}
	t.persistable = msg.plan.PersistRefused == ""
	t.stage = stagePlan
	t.plan.set(msg.plan)
	t.plan.setSize(t.w, t.h)
}

// askBack asks what a deed would be done to: what undo puts back, and what
// would be made to last.
func (t *tuning) askBack(d deed, r *diagnosis.Report) tea.Cmd {
	t.stage, t.deed = stageAsking, d
	t.gen++
	gen, ctx := t.gen, t.ctx
	return t.call(func(tuner Tuner) tea.Msg {
		msg := undoMsg{gen: gen, deed: d}
		if msg.undo, msg.err = tuner.PlanUndo(ctx); msg.err == nil && d == deedPersist {
			msg.plan, msg.err = tuner.Plan(ctx, r, source.PortSet{})
			if msg.err == nil && msg.plan.PersistRefused == "" {
				msg.lasting, msg.err = tuner.PlanPersist(ctx)
			}
		}
		return msg
	}, func(err error) tea.Msg { return undoMsg{gen: gen, deed: d, err: err} })
}

// askedBack asks whether to do it.
func (t *tuning) askedBack(msg undoMsg, now time.Time) {
	if msg.gen != t.gen || t.stage != stageAsking {
		return
	}
	t.deed, t.undo, t.lasting = msg.deed, msg.undo, msg.lasting
	none := errors.Is(msg.err, sysctl.ErrNothingToUndo) || msg.err == nil && msg.undo.Empty()
	switch {
	case none && msg.err != nil && msg.err != sysctl.ErrNothingToUndo: // it knows more
		t.show(stageOutcome, sayingSheet(deedWords[msg.deed].none, shown(msg.err.Error())))
	case none:
		t.show(stageOutcome, sayingSheet(deedWords[msg.deed].none, deedWords[msg.deed].nothing))
	case msg.deed == deedPersist && errors.Is(msg.err, sysctl.ErrNothingToPersist):
		t.show(stageOutcome, sayingSheet("PERSIST", "nothing to persist: "+shown(msg.err.Error())))
	case msg.deed == deedPersist && msg.err != nil:
		t.show(stageOutcome, failedSheet("PERSIST", "what would be persisted could not be told", msg.err))
	case msg.err != nil:
		t.show(stageOutcome, failedSheet("UNDO", "what can be put back could not be told", msg.err))
	case msg.deed == deedPersist:
		t.plan.plan = msg.plan
		t.persistable = msg.plan.PersistRefused == ""
		t.show(stageQuestion, t.persistQuestion())
	default:
		t.left = msg.undo
		t.show(stageQuestion, t.undoQuestion(now))
	}
}

// do carries the deed out. It ends with the program, or when stop is called;
// the Tuner then puts back what it has written.
func (t *tuning) do() tea.Cmd {
	ctx, stop := context.WithCancel(t.ctx)
	run := &doing{stop: stop, done: make(chan struct{})}
	t.doing, t.stage = run, stageWriting
	d, plan, undo, lasting := t.deed, t.plan.plan, t.undo, t.lasting
	end := func(r sysctl.Result, err error) tea.Msg {
		stop()
		run.err = err
		close(run.done)
		return doneMsg{d, r, err}
	}
	return t.call(func(tuner Tuner) tea.Msg {
		switch d {
		case deedUndo:
			return end(tuner.Undo(ctx, undo))
		case deedPersist:
			return end(tuner.Persist(ctx, plan, lasting))
		}
		return end(tuner.Apply(ctx, plan))
	}, func(err error) tea.Msg { return end(sysctl.Result{}, err) })
}

// done shows what became of it.
func (t *tuning) done(msg doneMsg, courses func() []diagnosis.Course) {
	t.doing = nil
	if msg.err == nil && msg.deed == deedPersist {
		t.persistable = true
	}
	t.show(stageOutcome, outcomeSheet(msg, t.persistable, courses))
}

// show puts a sheet on the screen.
func (t *tuning) show(s stage, x sheet) {
	t.stage, t.sheet = s, x
	t.sheet.setSize(t.w, t.h)
}

func (t *tuning) setSize(w, h int) {
	t.w, t.h = w, h
	t.plan.setSize(w, h)
	t.sheet.setSize(w, h)
	t.formats.resize(h - 2)
}

// patience is how long the end of the program waits for a deed that is under
// way, which then puts back what it has written.
const patience = 5 * time.Second

// await waits for a deed that is under way when the program ends.
func (t *tuning) await() error {
	if t.doing == nil {
		return nil
	}
	t.doing.stop()
	select {
	case <-t.doing.done:
		return t.doing.err
	case <-time.After(patience):
		return errors.New("a change of sysctls had not ended: `twtop sysctl undo` says what is left of it")
	}
}

// shown is what of a text from the Tuner is shown: values of sysctls and words
// of others are in it.
func shown(s string) string { return source.Clean(s, maxShown) }

// maxShown is more than the kernel takes for a list of ports in one write.
const maxShown = 8 << 10
