package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

func TestOrphans(t *testing.T) {
	h := newLimitsHost()
	h.counters.Orphans = u64(980)
	none(t, h.look(Orphans, 0), "an inner namespace has no limit to read")
	for _, limit := range []string{"0", "many", "2000"} {
		h.sysctls[keyMaxOrphans] = limit
		none(t, h.look(Orphans, 1), "limit "+limit)
	}
	h.sysctls[keyMaxOrphans] = "1000"
	f := one(t, h.look(Orphans, 1), "980 of 1,000 sockets without a process", "98 % of tcp_max_orphans (1,000)", "64 KB", "0 in this namespace",
		"they may be reset from half of tcp_max_orphans on", "set net.ipv4.tcp_orphan_retries to 3", "128 MB")
	if f.remedyFor(keyMaxOrphans) != "2048" {
		t.Errorf("%+v", f.Remedies)
	}
	h.counters.Orphans, h.orphans = u64(1010), 3
	h.conn("10.0.0.1", 20001, away, source.StateFinWait1)
	h.conn("10.0.0.1", 20002, away, source.StateFinWait1)
	h.conn("10.0.0.1", 20003, away, source.StateLastAck)
	one(t, h.look(Orphans, 1), "1,010 sockets without a process, beyond", "2 FIN-WAIT-1, 1 LAST-ACK")
	h.sysctls[keyMaxOrphans], h.counters.Orphans = "600000", u64(590_000)
	if f = one(t, h.look(Orphans, 1), "65,536 MB"); f.remedyFor(keyMaxOrphans) != "1048576" {
		t.Errorf("%+v", f.Remedies)
	}
	h.counters.Orphans = nil
	none(t, h.look(Orphans, 1), "no figure")
}
