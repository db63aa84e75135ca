package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source/sysctl"
)

func TestTWRecycle(t *testing.T) {
	h := newLimitsHost()
	none(t, h.look(TWRecycle, 0), "no such key")
	h.sysctls[sysctl.TWRecycle] = "0"
	none(t, h.look(TWRecycle, 1), "off")
	h.sysctls[sysctl.TWRecycle] = "1"
	f := one(t, h.look(TWRecycle, 1), "tcp_tw_recycle is 1", "NAT", "(now 1)")
	if f.remedyFor(sysctl.TWRecycle) != "0" {
		t.Errorf("%+v", f.Remedies)
	}
	h.sysctls[sysctl.Timestamps] = "0"
	one(t, h.look(TWRecycle, 1), "no effect as long as tcp_timestamps is 0")
}
