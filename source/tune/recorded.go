package tune

import (
	"context"
	"errors"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Recorded plans for the host of a recording: the plan is there to be read and
// exported. It writes nothing.
type Recorded struct{}

var errRecorded = errors.New("nothing was written: this is a recording")

// Plan is what would be changed on the host by what the report shows.
func (Recorded) Plan(ctx context.Context, r *diagnosis.Report, reserve source.PortSet) (sysctl.Plan, error) {
	if err := ctx.Err(); err != nil {
		return sysctl.Plan{}, err
	}
	f := sysctl.FactsOf(r.Snapshot, r.Needs())
	f.Reserve, f.Replay = reserve, true
	p := sysctl.NewPlan(f)
	p.Limits = Limits(r)
	return p, nil
}

// Apply refuses.
func (Recorded) Apply(context.Context, sysctl.Plan) (sysctl.Result, error) {
	return sysctl.Result{}, errRecorded
}

// PlanUndo has nothing to undo.
func (Recorded) PlanUndo(context.Context) (sysctl.UndoPlan, error) {
	return sysctl.UndoPlan{}, sysctl.ErrNothingToUndo
}

// Undo refuses.
func (Recorded) Undo(context.Context, sysctl.UndoPlan) (sysctl.Result, error) {
	return sysctl.Result{}, errRecorded
}

// PlanPersist has nothing to persist.
func (Recorded) PlanPersist(context.Context) (sysctl.PersistPlan, error) {
	return sysctl.PersistPlan{}, sysctl.ErrNothingToPersist
}

// Persist refuses.
func (Recorded) Persist(context.Context, sysctl.Plan, sysctl.PersistPlan) (sysctl.Result, error) {
	return sysctl.Result{}, errRecorded
}
