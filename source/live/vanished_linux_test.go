package live_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
)

// TestNamespaceThatIsGone: an empty screen of a namespace that nobody has any
// more looks calm, and so has to say what it is.
func TestNamespaceThatIsGone(t *testing.T) {
	name := fmt.Sprintf("twtop-gone-%d", os.Getpid())
	netns := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", append([]string{"netns"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip netns %q: %v: %s", args, err, out)
		}
	}
	old, other := netnstest.New(t), netnstest.New(t)
	netns("attach", name, fmt.Sprint(old.ThreadID()))
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	src := open(t, live.Config{NetNS: name})
	gap := func(want string) {
		t.Helper()
		s, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(s.Gaps, func(g string) bool { return strings.Contains(g, want) })
		if want == "" && len(s.Gaps) > 0 || want != "" && !said {
			t.Errorf("gaps %q, want %q", s.Gaps, want)
		}
	}
	gap("")
	netns("del", name)
	gap("is gone")
	netns("attach", name, fmt.Sprint(other.ThreadID()))
	gap("another network namespace now")
}
