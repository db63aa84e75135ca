package ui

import (
	"slices"
	"strings"
	"testing"
)

func TestDestinationColumns(t *testing.T) {
	names := DestinationColumns()
	if !slices.Contains(names, "time-wait") || !slices.Contains(names, "last-60-s") || names[0] != "to" {
		t.Errorf("%q", names)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) || name != strings.ToLower(name) || strings.ContainsAny(name, " ,") {
			t.Errorf("%q cannot be told from another, or typed", name)
		}
	}
}

// TestChoose: what is not named is not there however wide the screen, and the
// last named leaves a narrow one first. A row keeps its name.
func TestChoose(t *testing.T) {
	chosen := choose(destColumns, []string{"free", "owner", "used"})
	shown := func(w int) string {
		var out []string
		for _, f := range fit(chosen, w, false) {
			out = append(out, chosen[f.column].title)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		w    int
		want string
	}{{300, "TO USED FREE OWNER"}, {46, "TO FREE OWNER"}, {40, "TO FREE"}, {26, "TO"}} {
		if got := shown(c.w); got != c.want {
			t.Errorf("%d cells: %s, want %s", c.w, got, c.want)
		}
	}
	if len(choose(destColumns, nil)) != len(destColumns) || destColumns[1].hidden {
		t.Error("without names something is missing")
	}
}
