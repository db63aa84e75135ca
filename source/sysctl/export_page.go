package sysctl

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/359a26c5/twtop/source"
)

// commentWidth is how wide a comment gets, indentation included.
const commentWidth = 80

// maxComment bounds one comment; sentences are far shorter.
const maxComment = 600

// page is a file in the making. Its writer does not fail.
type page struct {
	w      io.Writer
	indent string
}

// in returns the page, indented by n further blanks.
func (p *page) in(n int) *page { return &page{p.w, p.indent + strings.Repeat(" ", n)} }

// line writes one line; an empty one is not indented.
func (p *page) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text != "" {
		text = p.indent + text
	}
	_, _ = io.WriteString(p.w, text+"\n")
}

// block writes the lines of a text, each indented.
func (p *page) block(text string) {
	for line := range strings.Lines(text) {
		p.line("%s", strings.TrimSuffix(line, "\n"))
	}
}

// say writes a comment, wrapped; an empty text is left out. Backquotes become
// quotes: Elastic Beanstalk evaluates what stands between them.
func (p *page) say(format string, args ...any) {
	text := source.Clean(fmt.Sprintf(format, args...), maxComment)
	text = strings.ReplaceAll(text, "`", "'")
	for _, line := range wrap(text, commentWidth-2-len(p.indent)) {
		p.line("# %s", line)
	}
}

// wrap breaks a text of single blanks into lines of at most width runes, a
// longer word alone excepted.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// origin writes who made the file, when, and for which host.
func (p *page) origin(m ExportMeta) {
	text := "Made by twtop"
	if m.Version != "" {
		text += " " + m.Version
	}
	if !m.Made.IsZero() {
		text += " on " + m.Made.UTC().Format(time.RFC3339)
	}
	if m.Host != "" {
		text += ", for " + m.Host
	}
	if m.Kernel != "" {
		text += " (Linux " + m.Kernel + ")"
	}
	p.say("%s.", text)
}

// notes writes what holds for the plan as a whole.
func (p *page) notes(x *exported) {
	for _, note := range x.notes {
		p.say("Note: %s", note)
	}
}

// nothing says that a plan changes nothing.
func (p *page) nothing(x *exported) {
	if len(x.settings) == 0 {
		p.say("The plan changes no sysctl: there is nothing to set here.")
	}
}

// explain writes what there is to say of a setting.
func (p *page) explain(s *setting) {
	i := s.item
	if !i.exports() {
		p.say("Reserved already; the wider range needs it.")
	}
	for _, part := range []struct{ label, text string }{
		{"Why: ", i.Why}, {"Here: ", i.Effect}, {"Risk: ", i.Risk},
	} {
		if part.text != "" {
			p.say("%s%s", part.label, part.text)
		}
	}
	for _, w := range i.Warnings {
		p.say("Mind: %s", w)
	}
	switch {
	case !i.Known:
		p.say("Was: not known")
	case i.Now != "" && i.exports():
		p.say("Was: %s", i.Now)
	}
}

// quoted is a string in YAML: single quotes, in which only they are special.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
