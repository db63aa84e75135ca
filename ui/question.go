package ui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// The questions: exactly what y would do, in the order in which it is done.
//
//	━ APPLY? ━ y writes these 3 values; any other key goes back ━━━━━━━━━━━━━━
//	  1  net.ipv4.ip_local_reserved_ports = 8080
//	     now none
//	  2  net.ipv4.tcp_tw_reuse = 1
//	     now 0

const goesBack = "any other key goes back"

// values counts values: "this value", "these 3 values".
func values(n int) string {
	if n == 1 {
		return "this value"
	}
	return "these " + commas(n) + " values"
}

func (t *tuning) applyQuestion() sheet {
	chosen := t.plan.plan.Chosen()
	persistable := t.persistable
	return sheet{title: "APPLY?", about: "y writes " + values(len(chosen)) + "; " + goesBack, write: func(d *document) {
		d.put(piece{}, inkDim, "In this order. Each value is looked at before its write, and read back after it; the first that fails puts back all of them.", 0)
		d.blank()
		var minds []string
		for i := range chosen {
			c := &chosen[i]
			d.put(piece{inkAccent, strconv.Itoa(i+1) + " "}, inkStrong, c.Key.Name+" = "+value(c.Want), 0)
			d.put(piece{}, inkDim, "now "+value(c.Now), remedyIndent)
			for _, w := range c.Warnings {
				if !slices.Contains(minds, w) {
					minds = append(minds, w)
				}
			}
		}
		d.blank()
		lasts := "They hold until the next boot, or until u puts them back."
		if persistable {
			lasts = "They hold until the next boot, unless P writes them to " + dropInPath() + ", or until u puts them back."
		}
		d.put(piece{}, inkPlain, lasts, 0)
		for _, w := range minds {
			d.put(piece{inkWarning, "mind"}, inkPlain, shown(w), 0)
		}
	}}
}

// refusal says why nothing is written here, or "".
func (t *tuning) refusal() string {
	if t.readOnly {
		return "twtop runs read-only"
	}
	return ""
}

func (t *tuning) undoQuestion(now time.Time) sheet {
	u, refused := t.undo, t.refusal()
	n := 0
	for _, i := range slices.Concat(u.Items, u.Lines) {
		if i.Refused == "" {
			n++
		}
	}
	x := sheet{title: "UNDO?", about: "y puts back " + values(n) + "; " + goesBack, alarm: refused != ""}
	if n == 0 {
		x.about = "y asks no more, nothing can be put back; " + goesBack
	}
	if refused != "" {
		x.about = refused
	}
	x.write = func(d *document) {
		if refused != "" {
			d.put(piece{inkWarning, "REFUSED"}, inkWarning, refused, 0)
			d.blank()
		}
		d.put(piece{}, inkDim, fmt.Sprintf("Set %s by %s.", agoWords(now.Sub(u.At)), shown(u.Who.String())), 0)
		d.blank()
		for i := range u.Items {
			d.undoItem(&u.Items[i], "")
		}
		for i := range u.Lines {
			d.undoItem(&u.Lines[i], dropInPath())
		}
		if u.More > 0 {
			d.blank()
			d.put(piece{}, inkPlain, diagnosis.Plural(u.More, "apply before this one")+" can be undone after it.", 0)
		}
		if len(u.Stale) > 0 {
			d.blank()
			d.put(piece{}, inkDim, "What was set before the host was started last is gone with that, and is never put back.", 0)
		}
	}
	return x
}

// undoIndent is that of what stands below a key.
const undoIndent = len("stays ")

// undoItem writes what becomes of a key, or of its line in a file.
func (d *document) undoItem(i *sysctl.UndoItem, file string) {
	name := shown(i.Key)
	if file != "" {
		name += " in " + file
	}
	to := change(i.Now, i.To)
	if file != "" && i.To == "" {
		to = shown(i.Now) + " is taken out"
	}
	switch {
	case i.Refused != "":
		d.put(piece{inkWarning, "stays"}, inkStrong, name, 0)
		d.put(piece{}, inkWarning, shown(i.Refused), undoIndent)
		return
	case i.Unsure:
		to += " (twtop ended in the middle of the apply)"
	}
	d.put(piece{inkOK, "back "}, inkStrong, name, 0)
	d.put(piece{}, inkPlain, to, undoIndent)
}

// isPersisted reports whether every value that is set has its line in the file.
func isPersisted(u *sysctl.UndoPlan) bool {
	for _, i := range u.Items {
		has := func(l sysctl.UndoItem) bool { return l.Key == i.Key && l.Refused == "" && l.Now == i.Now }
		if i.Refused == "" && !slices.ContainsFunc(u.Lines, has) {
			return false
		}
	}
	return len(u.Items) > 0
}

func (t *tuning) persistQuestion() sheet {
	refused := t.refusal()
	if refused == "" {
		refused = shown(t.plan.plan.PersistRefused)
	}
	lines := slices.DeleteFunc(slices.Clone(t.lasting.Lines), func(l sysctl.Line) bool { return l.Already() })
	if refused == "" && t.lasting.Already() {
		return sayingSheet("PERSIST", "nothing to do: "+dropInPath()+" has these values already")
	}
	x := sheet{title: "PERSIST?", about: "y writes " + values(len(lines)) + " to a file; " + goesBack, alarm: refused != ""}
	if refused != "" {
		x.about = "refused"
	}
	x.write = func(d *document) {
		if refused != "" {
			d.put(piece{inkWarning, "REFUSED"}, inkWarning, refused, 0)
			d.blank()
			d.put(piece{}, inkPlain, "x in the plan (a) writes the values as a file for other systems.", 0)
			return
		}
		d.put(piece{}, inkDim, "Read at each boot. Other lines of the file stay; u takes these out again.", 0)
		d.blank()
		d.put(piece{}, inkStrong, dropInPath(), 0)
		for _, l := range lines {
			d.put(piece{}, inkOther, shown(l.Key)+" = "+shown(l.Value), 2)
			if l.Had != "" {
				d.put(piece{}, inkDim, "in place of "+shown(l.Had), 4)
			}
		}
	}
	return x
}

// agoWords says how long ago something was.
func agoWords(d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return "just now"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
