package tune

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Space is the network namespace that is looked at.
type Space interface {
	// Within runs fn on a thread inside it.
	Within(fn func(procRoot string)) error
	Host() source.Host
}

var _ Space = (*live.Source)(nil)

// Config says where changes are made, and for whom.
type Config struct {
	Space Space
	// StateDir is the directory of the journal; see sysctl.StateDir.
	StateDir string
	// Root is the directory that etc/sysctl.d is in, "/" if empty.
	Root string
	Who  sysctl.Who
	EUID int // the effective user's id
	// Sudo returns the command line that does as root what `twtop sysctl apply`
	// or `twtop sysctl undo` would; nil for the plain one.
	Sudo func(command string) string
	// ReadOnly: nothing may be written (--read-only).
	ReadOnly bool
	Now      func() time.Time // time.Now if nil
	// Step is sysctl.Guard's; nil but in tests.
	Step func(step string) error
}

// Host plans, applies and undoes in one network namespace. Its methods may be
// called from any goroutine.
type Host struct {
	Config
	recent recent
}

// New returns a Host.
func New(c Config) *Host {
	if c.Root == "" {
		c.Root = "/"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sudo == nil {
		c.Sudo = func(command string) string { return "sudo twtop sysctl " + command + " --yes" }
	}
	return &Host{Config: c}
}

// ErrNotRoot is what an undo ends with for a user who may not read root's
// journal. It is sysctl.ErrNothingToUndo too: there is nothing that user can undo.
var ErrNotRoot = errors.New("only root may read the journal and write sysctls")

// Plan is what would be changed by what the report shows, with the values that
// the kernel has now. reserve are further ports to keep from connect().
func (h *Host) Plan(ctx context.Context, r *diagnosis.Report, reserve source.PortSet) (sysctl.Plan, error) {
	if err := ctx.Err(); err != nil {
		return sysctl.Plan{}, err
	}
	f, err := h.facts(r, reserve)
	if err != nil {
		return sysctl.Plan{}, err
	}
	p := sysctl.NewPlan(f)
	p.Limits = Limits(r)
	return p, nil
}

// Apply writes the ticked items of a plan.
func (h *Host) Apply(ctx context.Context, p sysctl.Plan) (sysctl.Result, error) {
	if p.Refused != "" {
		return sysctl.Result{}, fmt.Errorf("nothing was written: %s", p.Refused)
	}
	return h.change(func(g *sysctl.Guard) (sysctl.Result, error) { return g.Apply(ctx, p) })
}

// PlanUndo is what can be put back; sysctl.ErrNothingToUndo where nothing is.
func (h *Host) PlanUndo(context.Context) (sysctl.UndoPlan, error) {
	if h.EUID != 0 {
		return sysctl.UndoPlan{}, notRoot{h.Sudo("undo")}
	}
	var u sysctl.UndoPlan
	var err error
	if gone := h.Space.Within(func(procRoot string) { u, err = h.guard(procRoot).PlanUndo() }); gone != nil {
		return u, gone
	}
	if err == nil && u.Empty() {
		err = sysctl.ErrNothingToUndo
	}
	return u, err
}

// Undo puts back what the plan showed.
func (h *Host) Undo(ctx context.Context, u sysctl.UndoPlan) (sysctl.Result, error) {
	return h.change(func(g *sysctl.Guard) (sysctl.Result, error) { return g.Undo(ctx, u) })
}

// PlanPersist is what Persist would write; sysctl.ErrNothingToPersist where
// nothing is.
func (h *Host) PlanPersist(context.Context) (sysctl.PersistPlan, error) {
	return h.planPersist((*sysctl.Guard).PlanPersist)
}

// PlanPersistAfter is what PlanPersist will be once the plan is applied.
func (h *Host) PlanPersistAfter(p sysctl.Plan) (sysctl.PersistPlan, error) {
	return h.planPersist(func(g *sysctl.Guard) (sysctl.PersistPlan, error) { return g.PlanPersistAfter(&p) })
}

func (h *Host) planPersist(do func(*sysctl.Guard) (sysctl.PersistPlan, error)) (l sysctl.PersistPlan, err error) {
	if h.EUID != 0 {
		return l, notRoot{h.Sudo("apply")}
	}
	if gone := h.Space.Within(func(procRoot string) { l, err = do(h.guard(procRoot)) }); gone != nil {
		return l, gone
	}
	return l, err
}

// Persist makes what was shown last beyond a boot. What other files make of it
// at boot is among the warnings.
func (h *Host) Persist(_ context.Context, p sysctl.Plan, l sysctl.PersistPlan) (sysctl.Result, error) {
	return h.change(func(g *sysctl.Guard) (sysctl.Result, error) {
		r, err := g.Persist(p, l)
		if err == nil {
			r.Warnings = append(r.Warnings, overridden(&g.DropIn, r.Done)...)
		}
		return r, err
	})
}

// change runs what writes inside the namespace.
func (h *Host) change(do func(*sysctl.Guard) (sysctl.Result, error)) (r sysctl.Result, err error) {
	switch {
	case h.ReadOnly:
		return r, errors.New("nothing was written: twtop runs read-only")
	case h.EUID != 0:
		return r, notRoot{h.Sudo("apply")}
	}
	if gone := h.Space.Within(func(procRoot string) { r, err = do(h.guard(procRoot)) }); gone != nil {
		return r, gone
	}
	return r, err
}

func (h *Host) guard(procRoot string) *sysctl.Guard {
	at := h.Space.Host()
	return &sysctl.Guard{
		Kernel: sysctl.Proc{Root: procRoot},
		State:  sysctl.State{Dir: h.StateDir},
		DropIn: sysctl.DropIn{Root: h.Root},
		Place:  sysctl.Place{BootID: at.BootID, Cookie: at.Cookie, NetNS: at.NetNS},
		Who:    h.Who, Now: h.Now, Step: h.Step,
		Listening: func() (source.PortSet, error) { return listenedOn(procRoot) },
	}
}

// overridden are the files that set another value after 60-twtop.conf did.
func overridden(d *sysctl.DropIn, done []sysctl.Done) (warnings []string) {
	values := map[string]string{}
	for i := range done {
		values[done[i].Key] = done[i].To
	}
	for _, o := range d.Overrides(values) {
		warnings = append(warnings, fmt.Sprintf("%s is read after %s and sets %s to %q: that wins at boot", o.File, d.Path(), o.Key, o.Value))
	}
	return warnings
}

// notRoot says what to run instead.
type notRoot struct{ sudo string }

func (n notRoot) Error() string { return ErrNotRoot.Error() + ": " + n.sudo }

func (n notRoot) Is(target error) bool {
	return target == ErrNotRoot || target == sysctl.ErrNothingToUndo
}
