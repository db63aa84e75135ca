package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A manual page is roff with the macros of man(7), for groff and mandoc alike.

// exitStatus are the exit codes of commands that have their own.
var exitStatus = map[string][][2]string{
	"twtop check": {{"0", "OK"}, {"1", "WARNING"}, {"2", "CRITICAL"}, {"3", "UNKNOWN: no look was possible, or wrong usage"}},
	"twtop wait":  {{"0", "the ports are there"}, {"1", "they were not in time"}, {"3", "an error, wrong usage, or interrupted"}},
	"":            {{"0", "done"}, {"1", "failed; one line on standard error says what, where and what to do"}, {"2", "wrong usage"}},
}

var manEnvironment = [][2]string{
	{"TWTOP_…", "The value of a flag that is not on the command line: TWTOP_MAX_SIZE is --max-size. " +
		"--yes and --persist have none. An empty variable is none. `twtop config` tells which count."},
	{"NO_COLOR", "If it is set, states are told apart without colour."},
	{"TERM, COLORTERM, COLORFGBG", "What the terminal can do, and whether its background is light."},
	{"XDG_CONFIG_HOME", "The folder of twtop/config.toml, ~/.config without it."},
}

var manFiles = [][2]string{
	{"~/.config/twtop/config.toml", "interval, theme, columns, read-only; warn and crit in [check]. `twtop config` writes one."},
	{"/var/lib/twtop", "The journal of what was applied, for undo, and the audit log."},
	{"/etc/sysctl.d/60-twtop.conf", "What --persist keeps for the next boot."},
}

// manPage is the page of a command.
func manPage(cmd *cobra.Command, b built) string {
	p := page{}
	date, _, _ := strings.Cut(b.date, "T")
	about, examples := parts(cmd)
	fmt.Fprintf(&p, ".TH %s 1 \"%s\" \"%s\" \"%s\"\n", strings.ToUpper(roff(pageName(cmd))), date, roff("twtop "+b.version), "User Commands")
	p.section("NAME", roff(pageName(cmd))+` \- `+roff(manShort(cmd)))
	p.section("SYNOPSIS", ".B "+roff(usage(cmd)))
	p.section("DESCRIPTION", filled(about))
	p.commands(cmd)
	p.options(cmd)
	codes, ok := exitStatus[cmd.CommandPath()]
	if !ok {
		codes = exitStatus[""]
	}
	p.table("EXIT STATUS", codes)
	if !cmd.HasParent() {
		p.table("ENVIRONMENT", manEnvironment)
		p.table("FILES", manFiles)
	}
	if examples != "" {
		p.section("EXAMPLES", ".EX\n"+roff(strings.TrimRight(outdent(examples), "\n"))+"\n.EE")
	}
	p.seeAlso(cmd)
	return p.String()
}

func manShort(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return "whether this host runs out of local ports, and to where"
	}
	return cmd.Short
}

type page struct{ strings.Builder }

// section writes a section whose text is roff.
func (p *page) section(title, text string) { fmt.Fprintf(p, ".SH %s\n%s\n", title, text) }

// table writes a section of words and what they are.
func (p *page) table(title string, rows [][2]string) {
	fmt.Fprintf(p, ".SH %s\n", title)
	for _, r := range rows {
		fmt.Fprintf(p, ".TP\n.B %s\n%s\n", roff(r[0]), filled(r[1]))
	}
}

func (p *page) commands(cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	p.WriteString(".SH COMMANDS\n")
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(p, ".TP\n.BR %s (1)\n%s\n", roff(pageName(sub)), roff(sub.Short))
		}
	}
}

func (p *page) options(cmd *cobra.Command) {
	p.WriteString(".SH OPTIONS\n")
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		word, text := pflag.UnquoteUsage(f)
		text, _, _ = strings.Cut(text, "; -6, ") // the help has one line for both
		head := roff("--" + f.Name)
		if f.Shorthand != "" {
			head = roff("-"+f.Shorthand) + ", " + head
		}
		fmt.Fprintf(p, ".TP\n\\fB%s\\fR", head)
		if word != "" {
			fmt.Fprintf(p, " \\fI%s\\fR", roff(word))
		}
		if d := f.DefValue; !slices.Contains([]string{"", "0", "false", "[]"}, d) {
			text += ", " + d + " by default"
		}
		fmt.Fprintf(p, "\n%s\n", filled(text))
	})
}

// seeAlso names the pages around a command's.
func (p *page) seeAlso(cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, pageName(cmd.Parent()))
		for _, other := range cmd.Parent().Commands() {
			if other != cmd && other.IsAvailableCommand() && cmd.Parent().HasParent() {
				names = append(names, pageName(other))
			}
		}
	}
	p.WriteString(".SH SEE ALSO\n")
	for _, name := range append(names, "ss(8)", "sysctl(8)") {
		name, section, ok := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		if !ok {
			section = "1"
		}
		comma := ","
		if name == "sysctl" {
			comma = ""
		}
		fmt.Fprintf(p, ".BR %s (%s)%s\n", roff(name), section, comma)
	}
}

// filled writes paragraphs in lines that are short enough for people who read the
// source, and for mandoc's lint.
func filled(text string) string {
	const width = 68
	var out []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		line := ""
		var lines []string
		for _, word := range strings.Fields(paragraph) {
			if line != "" && len(line)+1+len(word) > width {
				lines, line = append(lines, roff(line)), ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		out = append(out, strings.Join(append(lines, roff(line)), "\n"))
	}
	return strings.Join(out, "\n.PP\n")
}

// roff writes text so that it is shown as it is.
func roff(text string) string {
	var b strings.Builder
	start := true
	for _, r := range text {
		if start && (r == '.' || r == '\'') {
			b.WriteString(`\&`)
		}
		start = r == '\n'
		switch named, ok := roffNames[r]; {
		case ok:
			b.WriteString(named)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// roffNames are the characters that roff would take for something else.
var roffNames = map[rune]string{
	'\\': `\e`, '-': `\-`, '\'': `\(aq`, '`': `\(ga`, '^': `\(ha`, '~': `\(ti`, '"': `\(dq`,
}

// outdent takes the two blanks before each example away.
func outdent(examples string) string {
	return strings.TrimPrefix(strings.ReplaceAll(examples, "\n  ", "\n"), "  ")
}
