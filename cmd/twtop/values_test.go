package main

import (
	"testing"
	"time"
)

func TestInterval(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"1s": time.Second, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, "1e1": 10 * time.Second, "100ms": 100 * time.Millisecond,
	} {
		var i interval
		if err := i.Set(in); err != nil || time.Duration(i) != want {
			t.Errorf("%q: %v, %v", in, time.Duration(i), err)
		}
	}
	for _, in := range []string{"", "x", "1 s", "Inf", "NaN", "1e300", "0x10"} {
		var i interval
		if err := i.Set(in); err == nil {
			t.Errorf("%q was taken for %v", in, time.Duration(i))
		}
	}
}

func TestProcessID(t *testing.T) {
	var p processID
	if err := p.Set("2872"); err != nil || p != 2872 || p.String() != "2872" {
		t.Errorf("%v %v", p, err)
	}
	for _, in := range []string{"", "0", "-1", "abc", "1.5", "99999999999999999999"} {
		if err := p.Set(in); err == nil {
			t.Errorf("%q was taken for %v", in, p)
		}
	}
}
