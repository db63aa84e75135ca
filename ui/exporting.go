package ui

import (
	"bytes"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// The plan as a file for another system, to be copied; no file is written.
//
//	━ EXPORT ━ 3 values, as a file for ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//	▶ sysctl.d       a file for /etc/sysctl.d, read at boot
//	  ebextensions   a .config file for AWS Elastic Beanstalk

// formatList is the cursor over the formats.
type formatList struct{ list }

func (f *formatList) begin(h int) {
	f.list = list{n: len(sysctl.Formats())}
	f.resize(h - 2)
}

func (f *formatList) navigate(m motion) {
	switch m {
	case motionUp, motionPageUp:
		f.moveTo(f.cursor - 1)
	case motionDown, motionPageDown:
		f.moveTo(f.cursor + 1)
	case motionHome:
		f.moveTo(0)
	case motionEnd:
		f.moveTo(f.n - 1)
	}
}

func (f *formatList) chosen() sysctl.Format { return sysctl.Formats()[f.cursor] }

func (f *formatList) view(t *theme, p *sysctl.Plan, w, h int) []string {
	about := "nothing is ticked in the plan"
	if n := len(names(p)); n > 0 {
		about = values(n) + " as a file for"
	}
	out := []string{t.heading(w, true, 0, "EXPORT", about), t.line(w, false).done()}
	formats := sysctl.Formats()
	for i := f.offset; i < min(f.offset+f.height, f.n); i++ {
		l := t.line(w, i == f.cursor)
		if i == f.cursor {
			l.text(inkAccent, "▶")
		}
		l.skip(markerWidth-(w-l.left)).cell(inkStrong, string(formats[i]), 14, false).skip(1)
		out = append(out, l.text(inkPlain, formats[i].Summary()).done())
	}
	return t.fill(out, w, h)
}

// fileSheet is the text of a plan's file.
func fileSheet(p *sysctl.Plan, f sysctl.Format, meta sysctl.ExportMeta) sheet {
	var b bytes.Buffer
	if err := sysctl.Export(&b, *p, f, meta); err != nil {
		return failedSheet(strings.ToUpper(string(f)), "the plan could not be exported", err)
	}
	text := b.String()
	return sheet{title: strings.ToUpper(string(f)), about: "c copies it", copies: text, write: func(d *document) {
		for _, row := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
			indent := len(row) - len(strings.TrimLeft(row, " "))
			d.code(strings.Repeat(" ", indent)+source.Clean(row, maxShown), text, 0)
		}
	}}
}

// meta says where the plan is from.
func (m *Model) meta() sysctl.ExportMeta {
	s := m.frame.report.Snapshot
	x := sysctl.ExportMeta{Host: s.Host.Name, Kernel: s.Host.Kernel, Made: s.Taken, Version: m.options.Version}
	if m.options.NetNSPath != "" || nsName.MatchString(s.Host.NetNS) {
		x.NetNS = s.Host.NetNS
	}
	return x
}
