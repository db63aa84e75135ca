package source

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestPanicked(t *testing.T) {
	if p := Panicked(nil); p != nil {
		t.Errorf("no panic is %v", p)
	}
	var first, second *PanicError
	func() {
		defer func() { second = Panicked(recover()) }()
		func() {
			defer func() { first = Panicked(recover()) }()
			thePanic()
		}()
		panic(first)
	}()
	if first == nil || second != first {
		t.Fatalf("panicked with %v, then %v; want the same", first, second)
	}
	if !strings.Contains(string(first.Stack), "thePanic") {
		t.Errorf("the stack does not show where:\n%s", first.Stack)
	}
	if bug := runtime.Error(nil); !errors.As(first, &bug) || !strings.Contains(first.Error(), bug.Error()) {
		t.Errorf("error %q does not give its cause", first)
	}
	if err := (&PanicError{Value: "text"}); errors.Is(err, io.EOF) || err.Error() != "panic: text" {
		t.Errorf("error %q", err)
	}
}

func thePanic() {
	var none []int
	none[len(none)] = 1
}
