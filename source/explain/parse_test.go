package explain

import (
	"slices"
	"testing"
)

const sample = "# A title\nsummary: in short\n\nOne\nparagraph.\n\nAnother.\n## A heading\n- an item\n" +
	"  that goes on\n- one more\n```sh\n  ls # no heading\n\n- no item\n```\n```go\n\tx := 1\n```\nThe end.\n"

func TestParse(t *testing.T) {
	p, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if p.Title != "A title" || p.Summary != "in short" {
		t.Errorf("title %q, summary %q", p.Title, p.Summary)
	}
	want := []Block{
		{Paragraph, "One paragraph."}, {Paragraph, "Another."}, {Heading, "A heading"},
		{Item, "an item that goes on"}, {Item, "one more"},
		{Code, "  ls # no heading"}, {Code, ""}, {Code, "- no item"}, {Code, ""}, {Code, "    x := 1"},
		{Paragraph, "The end."},
	}
	if !slices.Equal(p.Blocks, want) {
		t.Errorf("got  %q\nwant %q", p.Blocks, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for what, text := range map[string]string{
		"no title":         "summary: s\n\ntext\n",
		"no summary":       "# T\n\ntext\n",
		"no text":          "# T\nsummary: s\n",
		"nothing":          "",
		"code without end": "# T\nsummary: s\n\ntext\n```sh\nls\n",
		"stray indent":     "# T\nsummary: s\n\ntext\n\n    ls\n",
	} {
		if p, err := parse(text); err == nil {
			t.Errorf("%s: taken as %+v", what, p)
		}
	}
}

func TestLines(t *testing.T) {
	p, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"A title", "", "One paragraph.", "", "Another.", "", "A HEADING",
		"- an item that", "  goes on", "- one more", "      ls # no heading", "", "    - no item", "", "        x := 1",
		"", "The end.",
	}
	if got := p.Lines(14); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, width := range []int{-1, 0, 1} { // no panic, no loss
		if got := p.Lines(width); len(got) < len(want) {
			t.Errorf("width %d: %q", width, got)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two", 7, []string{"one two"}},
		{"one two", 6, []string{"one", "two"}},
		{"a longword b", 4, []string{"a", "longword", "b"}},
		{"30–32 × 2", 7, []string{"30–32 ×", "2"}}, // cells, not bytes
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"nginx", "nginx", 0},
		{"ngnix", "nginx", 1}, {"nginxx", "nginx", 1}, {"kitten", "sitting", 3}, {"abcd", "badc", 2}, {"ca", "abc", 3},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
