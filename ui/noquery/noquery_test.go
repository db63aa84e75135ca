package noquery

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"slices"
	"testing"
)

const bubbletea = "github.com/charmbracelet/bubbletea"

func TestImportPathSortsBeforeBubbleTea(t *testing.T) {
	own := reflect.TypeFor[marker]().PkgPath()
	if own >= bubbletea {
		t.Errorf("%s does not sort before %s: Go would initialise Bubble Tea first, and that asks the terminal", own, bubbletea)
	}
}

type marker struct{}

// Whatever else this package imported, Bubble Tea might be ready before it.
func TestImportsNothingThatBubbleTeaDoesNot(t *testing.T) {
	own, theirs := deps(t, "."), deps(t, bubbletea)
	for _, d := range own {
		if d != "github.com/359a26c5/twtop/ui/noquery" && !slices.Contains(theirs, d) {
			t.Errorf("%s is needed here and not by Bubble Tea, which may then be initialised first", d)
		}
	}
}

func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=Deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	var p struct{ Deps []string }
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p.Deps
}
