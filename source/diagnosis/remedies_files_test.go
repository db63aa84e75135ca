package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestSelect: a program whose limit kept it below what select() takes is not to
// be raised without a word.
func TestSelect(t *testing.T) {
	for limit, want := range map[uint64]bool{256: true, 1024: true, 1025: false, 4096: false} {
		h := newLimitsHost()
		h.processes = []source.Process{server(5, "legacy", limit, limit)}
		f := one(t, h.look(FDLimit, 1), "raise its limit: prlimit --pid 5")
		if got := strings.Contains(f.Remedies[0].Effect, "select()"); got != want {
			t.Errorf("limit %d: told is %v:\n%s", limit, got, f.text())
		}
	}
}
