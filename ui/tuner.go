package ui

import (
	"context"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Tuner changes sysctls where the screen looks, and puts them back. Its methods
// may take a while and are called off the screen's goroutine, one at a time.
// Nothing is written but by Apply, Undo and Persist.
type Tuner interface {
	// Plan is what would be changed by what the report shows. reserve are
	// further ports to keep from connect().
	Plan(ctx context.Context, r *diagnosis.Report, reserve source.PortSet) (sysctl.Plan, error)
	// Apply writes the ticked items of a plan.
	Apply(ctx context.Context, p sysctl.Plan) (sysctl.Result, error)
	// PlanUndo is what can be put back; sysctl.ErrNothingToUndo where nothing is.
	PlanUndo(ctx context.Context) (sysctl.UndoPlan, error)
	// Undo puts it back.
	Undo(ctx context.Context, u sysctl.UndoPlan) (sysctl.Result, error)
	// PlanPersist is what Persist would write; sysctl.ErrNothingToPersist where
	// nothing is.
	PlanPersist(ctx context.Context) (sysctl.PersistPlan, error)
	// Persist makes what was shown last beyond a boot; p says whether it may.
	Persist(ctx context.Context, p sysctl.Plan, l sysctl.PersistPlan) (sysctl.Result, error)
}
