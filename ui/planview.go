package ui

import (
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// The plan: every key that there is something to say of, the ticked values that
// the table has no room for, and in full what there is to say of the key under
// the cursor.
//
//	━ PLAN ━ y writes these 2 values · 2 of 3 changes ticked ━━━━━━━━━━━━━━━━━
//	      KEY                       NOW          PLANNED      HERE
//	▶ [x] net.ipv4.tcp_tw_reuse     0            1            enough: 28,104/s
//	  [x] …ip_local_port_range      32768 60999  10240 65535  not enough: buys
//	   –  net.ipv4.tcp_fin_timeout  60                        stays as it is
//	─ net.ipv4.tcp_tw_reuse ──────────────────────────────────────────────────
//	  here enough: 28,104/s are borne, at least 1,480/s wanted
//	  why  connect() may take a port in TIME-WAIT again after 1 s, …

// planPane shows a plan, with what the person has ticked.
type planPane struct {
	plan    sysctl.Plan
	order   []int // of the items: what is asked for first
	table   table[sysctl.Item, string]
	ticked  map[string]bool // by hand
	reserve source.PortSet  // further ports to keep
	w, h    int
	head    int // rows of why nothing can be written
}

var planColumns = []column[sysctl.Item]{
	{width: 3, priority: 1, text: tickMark, ink: tickInk},
	{title: "KEY", width: 24, most: 40, priority: 1, ink: itemInk,
		fit: func(i *sysctl.Item, w int) string { return squeezeKey(i.Key.Name, w) }},
	{title: "NOW", width: 11, most: 24, priority: 3, ink: itemInk,
		fit: func(i *sysctl.Item, w int) string { return fitKnown(i.Now, i.Known, w) }},
	{title: plannedTitle, width: 11, most: 24, priority: 2, ink: tickInk,
		fit: func(i *sysctl.Item, w int) string { return fitPlanned(i, w) }},
	{title: "HERE", width: 16, most: 150, priority: 4, text: itemHere, ink: itemInk},
}

const plannedTitle = "PLANNED"

func tickMark(i *sysctl.Item) string {
	switch {
	case !i.Changes():
		return " – "
	case i.Ticked:
		return "[x]"
	}
	return "[ ]"
}

func tickInk(i *sysctl.Item) ink {
	if i.Ticked && i.Changes() {
		return inkStrong
	}
	return itemInk(i)
}

func itemInk(i *sysctl.Item) ink {
	switch {
	case i.Refused != "":
		return inkWarning
	case !i.Changes() || !i.Ticked:
		return inkDim
	}
	return inkPlain
}

func fitPlanned(i *sysctl.Item, w int) string {
	if !i.Changes() && i.Refused == "" {
		return ""
	}
	return fitKnown(i.Want, true, w)
}

// staysWords are for a key that keeps its value.
const staysWords = "stays as it is"

// itemHere is what there is to say of an item in a few words.
func itemHere(i *sysctl.Item) string {
	switch {
	case i.Refused != "":
		return "refused: " + shown(i.Refused)
	case !i.Changes() && strings.HasPrefix(i.Why, staysWords):
		return shown(i.Why)
	case !i.Changes():
		return staysWords
	case i.Finding == "":
		return "not needed now"
	case i.Effect != "":
		return shown(i.Effect)
	}
	return shown(i.Why)
}

func newPlanPane() planPane {
	return planPane{table: newTable(planColumns, func(i *sysctl.Item) string { return i.Key.Name })}
}

// begin forgets what was ticked and reserved by hand.
func (p *planPane) begin() {
	w, h := p.w, p.h
	*p = newPlanPane()
	p.w, p.h = w, h
}

// set shows a plan. What was ticked by hand stays so.
func (p *planPane) set(plan sysctl.Plan) {
	for key, ticked := range p.ticked {
		if i := plan.Item(key); i != nil && i.Ticked != ticked {
			plan = plan.With(key, ticked)
		}
	}
	p.plan = plan
	p.order = p.order[:0]
	for _, asked := range []bool{true, false} {
		for i := range plan.Items {
			if x := &plan.Items[i]; asked == (x.Changes() && x.Finding != "") {
				p.order = append(p.order, i)
			}
		}
	}
	p.table.setRows(len(p.order), false, func(i int) *sysctl.Item { return &p.plan.Items[p.order[i]] })
}

// tick ticks the item under the cursor or takes its tick away, and with it what
// needs it. It returns what is to be said of that.
func (p *planPane) tick() string {
	i := p.table.current()
	switch {
	case i == nil:
		return ""
	case i.Refused != "":
		return "cannot be set here: " + shown(i.Refused)
	case !i.Changes():
		return i.Key.Name + " stays as it is"
	}
	key, to, before := i.Key.Name, !i.Ticked, p.plan
	p.plan = p.plan.With(key, to)
	if p.plan.Item(key).Ticked != to {
		return "cannot be set here: what has to be set before it is refused"
	}
	if p.ticked == nil {
		p.ticked = make(map[string]bool)
	}
	p.ticked[key] = to
	var also []string
	for j := range p.plan.Items {
		if x := &p.plan.Items[j]; x.Key.Name != key && x.Ticked != before.Items[j].Ticked {
			also = append(also, x.Key.Name)
		}
	}
	switch {
	case len(also) == 0:
		return ""
	case to:
		return "ticked with it, for it needs that: " + strings.Join(also, ", ")
	}
	return "no longer ticked either, for it needs this: " + strings.Join(also, ", ")
}

// setSize shares the rows out; the table has as many whatever the cursor is on.
func (p *planPane) setSize(w, h int) {
	p.w, p.h = w, h
	p.head = min(len(p.refusal(w)), max(h-8, 1))
	room := max(h-1-p.head, 0)
	p.table.setSize(w, min(len(p.order)+1, max(room*3/5, room-10)))
}

func (p *planPane) refusal(w int) []string {
	return wrap(shown(p.plan.Refused), w-markerWidth-1, 4)
}

func (p *planPane) about(offer string) string {
	n, of := 0, 0
	for i := range p.plan.Items {
		if x := &p.plan.Items[i]; x.Changes() {
			of++
			if x.Ticked {
				n++
			}
		}
	}
	about := offer + " · " + commas(n) + " of " + diagnosis.Plural(of, "change") + " ticked"
	if set := sysctl.FormatPorts(&p.reserve); set != "" {
		about += " · reserves " + set
	}
	return about
}

func (p *planPane) view(t *theme, offer string) []string {
	out := []string{t.heading(p.w, true, 0, "PLAN", p.about(offer))}
	for _, row := range p.refusal(p.w)[:p.head] {
		out = append(out, t.line(p.w, false).skip(markerWidth).text(inkWarning, row).done())
	}
	out = append(out, p.table.lines(t, true, "there is nothing to say of any key")...)
	if values := p.values(); len(values) <= p.below() {
		for i := range values {
			out = append(out, values[i].line(t, p.w, false))
		}
	}
	i := p.table.current()
	if i == nil || len(out) >= p.h {
		return t.fill(out, p.w, p.h)
	}
	out = append(out, t.heading(p.w, false, 0, i.Key.Name, i.Key.Summary))
	rows := p.words(i)
	room := p.h - len(out)
	for j := range rows[:min(len(rows), room)] {
		out = append(out, rows[j].line(t, p.w, false))
	}
	if len(rows) > room && room > 0 {
		out[p.h-1] = t.line(p.w, false).skip(markerWidth).text(inkDim, "… more on a higher screen").done()
	}
	return t.fill(out, p.w, p.h)
}

// below is how many rows there are under the table.
func (p *planPane) below() int { return max(p.h-1-p.head-(p.table.height+1), 0) }

// values are the ticked values that the table does not show whole.
func (p *planPane) values() []docRow {
	room := 0
	for _, f := range p.table.fitted {
		if planColumns[f.column].title == plannedTitle {
			room = f.w
		}
	}
	d := document{w: p.w}
	for _, i := range p.plan.Chosen() {
		if v := value(i.Want); width(v) > room {
			d.put(piece{inkAccent, "set "}, inkStrong, i.Key.Name+" = "+v, 0)
		}
	}
	return d.rows
}

// whole reports whether all that y would write is on the screen.
func (p *planPane) whole() bool {
	for row, i := range p.order {
		x := &p.plan.Items[i]
		seen := row >= p.table.offset && row < p.table.offset+p.table.height
		if x.Ticked && x.Changes() && !seen {
			return false
		}
	}
	return len(p.values()) <= p.below()
}

// words are what there is to say of an item, and to mind of the other ticked ones.
func (p *planPane) words(i *sysctl.Item) []docRow {
	d := document{w: p.w}
	d.item(i)
	minds := slices.Clone(i.Warnings)
	for _, x := range p.plan.Chosen() {
		for _, w := range x.Warnings {
			if !slices.Contains(minds, w) {
				minds = append(minds, w)
				d.put(piece{inkWarning, "mind"}, inkPlain, shown(w), 0)
			}
		}
	}
	for _, n := range p.plan.Notes {
		d.put(piece{inkDim, "note"}, inkDim, shown(strings.ReplaceAll(n, "with --reserve", "with p")), 0)
	}
	return d.rows
}

// item writes all that there is to say of an item.
func (d *document) item(i *sysctl.Item) {
	say := func(k ink, name, s string) {
		if s != "" {
			d.put(piece{k, name}, inkPlain, shown(s), 0)
		}
	}
	if i.Changes() { // the question has all of a long list of ports
		say(inkAccent, "set ", cut(change(i.Now, i.Want), 2*(d.w-10)))
	}
	say(inkWarning, "not ", i.Refused)
	say(effectInk(i), "here", i.Effect)
	say(inkAccent, "why ", i.Why)
	say(inkAccent, "risk", i.Risk)
	for _, w := range i.Warnings {
		say(inkWarning, "mind", w)
	}
}

func effectInk(i *sysctl.Item) ink {
	switch {
	case i.Enough == nil:
		return inkAccent
	case *i.Enough:
		return inkOK
	}
	return inkWarning
}

// click puts the cursor on an item; y counts from the heading.
func (p *planPane) click(x, y int) {
	if y -= 1 + p.head; y > 0 && y <= p.table.height {
		p.table.click(x, y)
	}
}

// names are the keys of a plan that would be written, in the order of writing.
func names(p *sysctl.Plan) []string {
	var out []string
	for _, i := range p.Chosen() {
		out = append(out, i.Key.Name)
	}
	return out
}
