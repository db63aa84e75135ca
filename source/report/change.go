package report

import (
	"fmt"
	"io"
	"time"

	"github.com/359a26c5/twtop/source/sysctl"
)

// ResultText writes what an apply or an undo did, key by key.
func ResultText(w io.Writer, res *sysctl.Result, width int) error {
	p := newPage(w, max(width, minWidth))
	for i := range res.Done {
		d := &res.Done[i]
		name := d.Key
		if d.File {
			name += " (file)"
		}
		column(p, fmt.Sprintf("%-10s  %-*s  ", d.Outcome, keyWidth, name), became(d))
		label(p, "", d.Note)
	}
	for _, warning := range res.Warnings {
		p.wrap("", "warning: "+warning)
	}
	return p.end()
}

// PersistText writes what --persist makes of a file.
func PersistText(w io.Writer, l *sysctl.PersistPlan, file string, width int) error {
	p := newPage(w, max(width, minWidth))
	p.wrap("", "--persist writes to "+file+", which is read at each boot:")
	for i := range l.Lines {
		line, note := &l.Lines[i], ""
		switch {
		case line.Already():
			note = " (there already)"
		case line.Had != "":
			note = " (instead of " + value(line.Had) + ")"
		}
		column(p, "  "+line.Key+" = ", value(line.Value)+note)
	}
	return p.end()
}

// became is the change that was made, or the value that stays.
func became(d *sysctl.Done) string {
	switch d.Outcome {
	case sysctl.OutcomeSet:
		if d.File && d.From == "" {
			return value(d.To)
		}
		return values(d.From, d.To)
	case sysctl.OutcomePutBack:
		if d.File && d.To == "" {
			return "line taken out"
		}
		return values(d.From, d.To)
	}
	return ""
}

// UndoText writes what an undo would put back. file is the path of the drop-in.
func UndoText(w io.Writer, u *sysctl.UndoPlan, file string, width int) error {
	p := newPage(w, max(width, minWidth))
	p.wrap("", fmt.Sprintf("The apply of %s by %s:", stamp(u.At), u.Who))
	for i := range u.Items {
		writeUndoItem(p, &u.Items[i], false)
	}
	if len(u.Lines) > 0 {
		p.wrap("", file+":")
	}
	for i := range u.Lines {
		writeUndoItem(p, &u.Lines[i], true)
	}
	if u.More > 0 {
		p.wrap("", fmt.Sprintf("Applies before it that are left: %d. Undo again for those.", u.More))
	}
	if n := len(u.Stale); n > 0 {
		p.wrap("", fmt.Sprintf("Of an earlier boot, and gone with it: %d. What those had set is never put back.", n))
	}
	return p.end()
}

// writeUndoItem writes one key, or its line in the file.
func writeUndoItem(p *page, i *sysctl.UndoItem, line bool) {
	change := values(i.Now, i.To)
	switch {
	case i.Refused != "":
		change = value(i.Now) + ", stays"
	case line && i.To == "":
		change = value(i.Now) + ", is taken out"
	}
	column(p, fmt.Sprintf("  %-*s  ", keyWidth, i.Key), change)
	label(p, "", i.Refused)
	if i.Unsure {
		label(p, "", "twtop ended while it set this one")
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
