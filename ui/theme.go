package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// ink says what a piece of text means; the theme says how that looks.
type ink uint8

// The inks. inkNone is outside of any row; inkPlain is a row's own colour.
const (
	inkNone ink = iota
	inkPlain
	inkDim    // labels, rules, what is there to be looked up
	inkStrong // figures to be read first
	inkAccent // focus, keys, the cursor
	inkCritical
	inkWarning
	inkNotice
	inkOK
	inkTimeWait // the colour of TIME-WAIT, wherever it is
	inkOther    // ports held in other states
	inkReusable
	inkBack // what comes back
	inkBadgeCritical
	inkBadgeWarning
	inkBadgeNotice
	inkBadgeOK
	inkBadge // the program's name
	numInks
)

// sequence is what switches an ink on and off again.
type sequence struct{ open, close string }

type inkSet [numInks]sequence

// theme is the inks of ordinary rows and of the row under the cursor.
type theme struct{ inks, lit inkSet }

// shade is one colour at the three depths that terminals have.
type shade struct{ full, ansi256, ansi16 string }

func (s shade) color() lipgloss.TerminalColor {
	if s.full == "" {
		return lipgloss.NoColor{}
	}
	return lipgloss.CompleteColor{TrueColor: s.full, ANSI256: s.ansi256, ANSI: s.ansi16}
}

// paint is how an ink looks; a zero shade is the terminal's own colour.
type paint struct {
	fg, bg  shade
	bold    bool
	reverse bool
}

type palette struct {
	inks [numInks]paint
	lit  paint // laid under every ink of the row under the cursor
}

// newTheme makes a theme for a terminal of some colour depth.
func newTheme(p *palette, depth termenv.Profile) *theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(depth)
	t := new(theme)
	for k := inkPlain; k < numInks; k++ {
		t.inks[k] = p.inks[k].sequence(r)
		t.lit[k] = p.inks[k].under(p.lit, depth).sequence(r)
	}
	return t
}

// under is p on the cursor's row. With 16 colours no background goes with every
// ink, so the row is reversed and keeps no other colour.
func (p paint) under(lit paint, depth termenv.Profile) paint {
	if lit.reverse || depth == termenv.ANSI {
		return paint{reverse: true, bold: p.bold}
	}
	if p.bg == (shade{}) {
		p.bg = lit.bg
	}
	return p
}

// sequence lets lipgloss work out the SGR sequence once; rows are then written
// with it directly, at a hundredth of the cost of Style.Render.
func (p paint) sequence(r *lipgloss.Renderer) sequence {
	s := r.NewStyle().Foreground(p.fg.color()).Background(p.bg.color()).Bold(p.bold).Reverse(p.reverse).Render("x")
	open, shut, _ := strings.Cut(s, "x")
	return sequence{open, shut}
}

// themeFor chooses by name; auto goes by COLORFGBG, which some terminals set
// ("15;0": the last field is the background), and is dark otherwise. Asking the
// terminal would cost seconds where it does not answer.
func themeFor(name string, depth termenv.Profile, getenv func(string) string) (*theme, error) {
	mono := getenv("NO_COLOR") != "" || depth == termenv.Ascii
	switch name {
	case "", "auto", "dark", "light":
	case "mono":
		mono = true
	default:
		return nil, fmt.Errorf("theme %q: want auto, dark, light or mono", clean(name))
	}
	switch {
	case mono && getenv("TERM") == "dumb":
		return newTheme(&palette{}, termenv.Ascii), nil
	case mono:
		return newTheme(&monoPalette, termenv.ANSI), nil
	case name == "light" || name != "dark" && lightBackground(getenv("COLORFGBG")):
		return newTheme(&lightPalette, depth), nil
	}
	return newTheme(&darkPalette, depth), nil
}

func lightBackground(colorfgbg string) bool {
	bg := colorfgbg[strings.LastIndexByte(colorfgbg, ';')+1:]
	return bg == "7" || bg == "15"
}

// badge is the ink of a severity's word, and text that of its sentence.
func badge(s diagnosis.Severity) (badge, text ink) {
	switch s {
	case diagnosis.SeverityCritical:
		return inkBadgeCritical, inkCritical
	case diagnosis.SeverityWarning:
		return inkBadgeWarning, inkWarning
	case diagnosis.SeverityNotice:
		return inkBadgeNotice, inkNotice
	}
	return inkBadgeOK, inkOK
}
