package sysctl

import (
	"cmp"
	"slices"
	"strings"
)

// conf is a file of sysctl.d(5), kept as it is but for the lines of ours.
type conf struct {
	stanzas []stanza
	rest    []string // the lines after the last key
}

// stanza is a line that sets a key, with the comments above it.
type stanza struct {
	above      []string
	key, value string
	line       string
}

const confHeader = "# Written by twtop. `twtop sysctl undo --yes` takes out what it put in."

// parseConf reads a file. Lines that set nothing go with the next that does.
func parseConf(text string) conf {
	var c conf
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		key, value, ok := assignment(line)
		if !ok {
			c.rest = append(c.rest, line)
			continue
		}
		c.stanzas = append(c.stanzas, stanza{above: c.rest, key: key, value: value, line: line})
		c.rest = nil
	}
	c.rest = c.trim(c.rest)
	for i := range c.stanzas {
		c.stanzas[i].above = c.trim(c.stanzas[i].above)
	}
	return c
}

// assignment reads "key = value", "-key=value" or "net/ipv4/key = value": the
// first separator tells which one it is (sysctl.d(5)).
func assignment(line string) (key, value string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", false
	}
	key, value, ok = strings.Cut(line, "=")
	key = strings.TrimSpace(strings.TrimPrefix(key, "-"))
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		key = strings.NewReplacer("/", ".", ".", "/").Replace(key)
	}
	return key, strings.TrimSpace(value), ok && key != ""
}

// trim drops our header and blank lines around comments.
func (*conf) trim(lines []string) []string {
	out := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == confHeader || strings.TrimSpace(l) == "" })
	if len(out) == 0 {
		return nil
	}
	return out
}

func (c *conf) empty() bool { return len(c.stanzas) == 0 && len(c.rest) == 0 }

// value is what the file sets a key to; the last line counts.
func (c *conf) value(key string) (string, bool) {
	for _, s := range slices.Backward(c.stanzas) {
		if s.key == key {
			return s.value, true
		}
	}
	return "", false
}

// set sets a key, in the order of writing; "" takes its lines out. A list of
// reserved ports that is empty is taken out as well: that is its default.
func (c *conf) set(key, value, comment string) {
	c.stanzas = slices.DeleteFunc(slices.Clone(c.stanzas), func(s stanza) bool { return s.key == key })
	if value != "" {
		c.stanzas = append(c.stanzas, stanza{above: []string{"# " + comment}, key: key, value: value, line: key + " = " + value})
	}
	slices.SortStableFunc(c.stanzas, func(a, b stanza) int { return cmp.Compare(rank(a.key), rank(b.key)) })
}

func (c *conf) String() string {
	var b strings.Builder
	b.WriteString(confHeader + "\n")
	for _, s := range c.stanzas {
		b.WriteString("\n")
		for _, line := range append(slices.Clone(s.above), s.line) {
			b.WriteString(line + "\n")
		}
	}
	if len(c.rest) > 0 {
		b.WriteString("\n" + strings.Join(c.rest, "\n") + "\n")
	}
	return b.String()
}
