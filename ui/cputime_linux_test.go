package ui

import (
	"testing"
	"time"
)

// The CPU time grows as long as the process works, and not by more than all
// its threads can use.
func TestProcessCPU(t *testing.T) {
	before, ok := processCPU()
	if !ok {
		t.Fatal("not known")
	}
	began, x := time.Now(), 0
	for {
		x += len(time.Now().String())
		now, ok := processCPU()
		if !ok || now < before {
			t.Fatalf("from %v to %v", before, now)
		}
		if now-before >= 20*ms {
			return
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%v of work count as %v (%d)", time.Since(began), now-before, x)
		}
	}
}
