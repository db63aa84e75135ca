package tune

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

const tcpHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// TestListensSinceThePlan: 15000 is listened on when the plan is applied.
func TestListensSinceThePlan(t *testing.T) {
	w := newWorld(t)
	h := New(w.Config)
	p := w.plan(h)
	const rest = " 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0\n"
	w.file("proc/net/tcp", tcpHead+"   0: 00000000:3A98 00000000:0000 0A"+rest+"   1: 0100007F:3A99 0100007F:0FA1 01"+rest)
	ports, err := listenedOn(w.root + "/proc")
	if err != nil || sysctl.FormatPorts(&ports) != "15000" {
		t.Errorf("%s, %v", sysctl.FormatPorts(&ports), err)
	}
	if _, err := h.Apply(t.Context(), p); err == nil || !strings.Contains(err.Error(), "port 15000 is listened on since the plan was made: make the plan anew") {
		t.Error(err)
	}
	if got := w.get(sysctl.TWReuse); got != "0" {
		t.Errorf("tcp_tw_reuse is %q", got)
	}
}
