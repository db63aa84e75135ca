package diagnosis

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pressedWorld has 60 of 100 ports in TIME_WAIT towards one destination, all even
// ones among them, and 30 in use towards another.
func pressedWorld() *world {
	w := newWorld()
	for i := range 60 {
		w.waiting(lo, 20000+2*i%99, backend, 1000)
	}
	for i := range 30 {
		w.live(lo, 20000+i, "127.0.0.2:5432", true)
	}
	return w
}

func TestCondition(t *testing.T) {
	pressed, calm := assess(pressedWorld()), assess(newWorld())
	for text, want := range map[string]bool{
		"pressure>59":       true,
		"pressure>60":       false,
		"pressure>=60":      true,
		"pressure >= 60.5%": false,
		" pressure > 59.9 ": true,
		"free<41":           true,
		"free<40":           false,
		"free<=40":          true,
		"free<=39":          false,
		"slow-connect":      true,
		"port-exhaustion":   false,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		what, ok := c.Holds(pressed)
		if ok != want {
			t.Errorf("%s: %v", text, ok)
		}
		if ok && !strings.Contains(what, "127.0.0.1 → 127.0.0.1:4001") {
			t.Errorf("%s: %q says nothing of the destination", text, what)
		}
		if _, ok := c.Holds(calm); ok {
			t.Errorf("%s holds where nothing is connected", text)
		}
		if c.String() != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q is called %q", text, c)
		}
	}
	if _, ok := (Condition{}).Holds(pressed); ok {
		t.Error("the zero Condition holds")
	}
}

// Where no port may be given out, all conditions about ports hold, whether or
// not anything is connected.
func TestConditionWithoutPorts(t *testing.T) {
	w := newWorld()
	w.frame.Reserved.AddRange(w.frame.Range)
	r := assess(w)
	for _, text := range []string{"pressure>99", "pressure>=100", "free<1", "free<=0", "port-exhaustion"} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := c.Holds(r); !ok {
			t.Errorf("%s does not hold", text)
		}
	}
}

func TestConditionRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"":                 "no such finding",
		"pressure":         "no such finding",
		"port-exaustion":   "no such finding",
		"pressure<80":      "pressure with >",
		"free>500":         "free with <",
		"free==5":          "free with <",
		"used>5":           "want pressure>80",
		">5":               "want pressure>80",
		"pressure>101":     "0 to 100",
		"pressure>-1":      "0 to 100",
		"pressure>NaN":     "0 to 100",
		"pressure>x":       "0 to 100",
		"pressure>":        "0 to 100",
		"free<-1":          "0 to 65535",
		"free<65536":       "0 to 65535",
		"free<1,000":       "0 to 65535",
		"port-exhaustion>": "want pressure>80",
	} {
		if _, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
}

// TestIDs holds that IDs leaves out no finding.
func TestIDs(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "finding.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "ID" {
			return true
		}
		id, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if declared++; !slices.Contains(IDs(), ID(id)) {
			t.Errorf("%s is not among IDs", id)
		}
		return true
	})
	if declared == 0 || declared != len(IDs()) {
		t.Errorf("%d are declared, and IDs has %d", declared, len(IDs()))
	}
}
