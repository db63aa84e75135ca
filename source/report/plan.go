package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// PlanText writes what a plan would change, for a person: each key with its
// value now and the planned one, why, what it does here, and what to mind.
func PlanText(w io.Writer, r *diagnosis.Report, plan *sysctl.Plan, width int) error {
	p := newPage(w, max(width, minWidth))
	writePlanHead(p, r, plan)
	for i := range plan.Items {
		p.blank()
		writeItem(p, &plan.Items[i])
	}
	writePlanEnd(p, plan)
	return p.end()
}

func writePlanHead(p *page, r *diagnosis.Report, plan *sysctl.Plan) {
	if h := &r.Headline; h.Severity != diagnosis.SeverityNone {
		p.wrap("", strings.ToUpper(h.Severity.String())+": "+h.Text)
	} else {
		p.line("OK: nothing asks for a change.")
	}
	if plan.Refused != "" {
		writeRefusal(p, plan.Refused)
	}
}

// writeRefusal keeps a command whole, so that it can be copied.
func writeRefusal(p *page, refused string) {
	why, command, ok := strings.Cut(refused, ": sudo ")
	if !ok {
		p.wrap("", "Nothing can be written here: "+refused)
		return
	}
	p.wrap("", "Nothing can be written here: "+why+":")
	_, _ = p.w.WriteString("  sudo " + sentence(command))
	p.blank()
}

// writeItem writes one key: "[x]" is ticked, "[ ]" is not, "[-]" cannot be.
func writeItem(p *page, i *sysctl.Item) {
	box, change := "[ ] ", values(i.Now, i.Want)
	switch {
	case i.Refused != "":
		box = "[-] "
	case i.Ticked:
		box = "[x] "
	}
	switch {
	case !i.Known && i.Refused != "":
		change = "unknown"
	case !i.Known:
		change = "unknown → " + value(i.Want)
	case !i.Changes() && i.Refused == "":
		change = value(i.Now) + ", stays"
	case i.Refused != "" && i.Want == i.Now:
		change = value(i.Now)
	}
	column(p, fmt.Sprintf("%s%-*s  ", box, keyWidth, i.Key.Name), change)
	label(p, "why", i.Why)
	if i.Refused == "" && i.Changes() {
		label(p, "here", here(i))
		label(p, "risk", i.Risk)
	}
	for _, warning := range i.Warnings {
		label(p, "mind", warning)
	}
	if i.Key.Scope == sysctl.ScopeHost {
		label(p, "mind", "it holds for the whole host, all containers included")
	}
	label(p, "not here", i.Refused)
}

// here says what a change does at the present demand. The effect says it all
// where it speaks of enough itself.
func here(i *sysctl.Item) string {
	if i.Enough == nil || strings.Contains(i.Effect, "enough") {
		return i.Effect
	}
	verdict := "enough at the present demand"
	if !*i.Enough {
		verdict = "not " + verdict
	}
	if i.Effect == "" {
		return verdict
	}
	return i.Effect + "; " + verdict
}

// The columns: most keys are no wider, the conntrack ones are.
const keyWidth, labelWidth = 33, len("not here")

// label writes a sentence behind a word, its lines below one another.
func label(p *page, word, text string) {
	if text == "" {
		return
	}
	column(p, fmt.Sprintf("    %-*s  ", labelWidth, word), text)
}

// column writes text behind prefix, which is clean, its lines below one another.
func column(p *page, prefix, text string) {
	for _, line := range fold(sentence(text), p.width-len(prefix)) {
		p.line(prefix + line)
		prefix = strings.Repeat(" ", len(prefix))
	}
}

func writePlanEnd(p *page, plan *sysctl.Plan) {
	if len(plan.Notes)+len(plan.Limits) > 0 {
		p.blank()
	}
	for _, n := range plan.Notes {
		p.wrap("", n)
	}
	for i := range plan.Limits {
		p.wrap("", limitWords(&plan.Limits[i]))
	}
	p.blank()
	if n := len(plan.Chosen()); n == 0 {
		p.line("No change is ticked.")
	} else {
		p.line(plural(n, "change") + " ticked.")
	}
	if plan.PersistRefused != "" && plan.Refused == "" {
		p.wrap("", "It cannot be persisted here: "+plan.PersistRefused)
	}
}

// limitWords tells a limit of open files, which only an export can set.
func limitWords(l *sysctl.Limit) string {
	whose := "a process"
	switch {
	case l.Unit != "":
		whose = l.Unit
	case l.User != "":
		whose = "user " + l.User
	}
	return fmt.Sprintf("No sysctl, but in the exports: %s needs a limit of %d open files (nofile).", whose, l.NoFile)
}

// value is a sysctl's value for a person.
func value(v string) string {
	if v = sentence(v); v == "" {
		return "none"
	}
	return v
}

func values(from, to string) string { return value(from) + " → " + value(to) }

// PlanShape is the schema of a plan as JSON.
const PlanShape = "twtop.plan/1"

type planItemShape struct {
	Key         string   `json:"key"`
	Value       *string  `json:"value"` // null: there is no such key, or it could not be read
	Recommended string   `json:"recommended"`
	Scope       string   `json:"scope"`
	Ticked      bool     `json:"ticked"`
	Changes     bool     `json:"changes"` // it would be written if it is ticked
	Refused     *string  `json:"refused"` // why it cannot be written here
	Why         string   `json:"why"`
	Risk        string   `json:"risk"`
	Effect      *string  `json:"effect"`
	Enough      *bool    `json:"enough"`
	Finding     *string  `json:"finding"` // that asks for it
	Warnings    []string `json:"warnings"`
}

type limitShape struct {
	Unit   *string `json:"unit"`
	User   *string `json:"user"`
	NoFile uint64  `json:"nofile"`
}

// PlanJSON writes a plan as one JSON object in the shape that PlanShape names.
func PlanJSON(w io.Writer, r *diagnosis.Report, plan *sysctl.Plan) error {
	d := newDocument(w)
	h := &r.Snapshot.Host
	d.field("schema", PlanShape)
	d.field("taken_at", takenAt(r.Snapshot.Taken))
	d.field("source", string(r.Snapshot.Kind))
	d.field("host", hostShape{Name: known(h.Name), Kernel: known(h.Kernel), NetNS: known(h.NetNS)})
	d.field("refused", told(plan.Refused))
	d.field("persist_refused", told(plan.PersistRefused))
	list(d, "items", plan.Items, shapeItem)
	list(d, "limits", plan.Limits, func(l *sysctl.Limit) limitShape {
		return limitShape{Unit: known(l.Unit), User: known(l.User), NoFile: l.NoFile}
	})
	list(d, "notes", plan.Notes, func(n *string) string { return sentence(*n) })
	return d.end()
}

func shapeItem(i *sysctl.Item) planItemShape {
	s := planItemShape{
		Key: i.Key.Name, Recommended: sentence(i.Want), Scope: string(i.Key.Scope),
		Ticked: i.Ticked, Changes: i.Changes(), Refused: told(i.Refused),
		Why: i.Why, Risk: i.Risk, Effect: told(i.Effect), Enough: i.Enough,
		Finding: known(i.Finding), Warnings: slices.Clone(i.Warnings),
	}
	if i.Known {
		now := sentence(i.Now)
		s.Value = &now
	}
	if s.Warnings == nil {
		s.Warnings = []string{}
	}
	return s
}
