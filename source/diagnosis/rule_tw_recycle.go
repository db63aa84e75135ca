package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source/sysctl"
)

// twRecycleRule tells tw-recycle. tcp_tw_recycle refused a SYN whose timestamp
// was behind the last one of the same address, and hosts behind one NAT share
// an address; Linux 4.12 removed it.
type twRecycleRule struct{}

func (*twRecycleRule) look(s *scene) []Finding {
	v, ok := s.Snapshot.Sysctl(sysctl.TWRecycle)
	if !ok || v == "0" {
		return nil
	}
	f := ofHost(TWRecycle, fmt.Sprintf("tcp_tw_recycle is %s: it drops connections of clients that share an address behind a NAT", v))
	f.Evidence = []string{"Of two clients at one address it answers only the one whose timestamps are ahead; the other sees time-outs."}
	if sysctlVerdict(s.Snapshot) == no {
		f.Evidence = append(f.Evidence, "It has no effect as long as tcp_timestamps is 0.")
	}
	r := s.set(sysctl.TWRecycle, "0")
	r.Effect = "each TIME-WAIT then lasts 60 s, as it should: see whether the ports do"
	f.Remedies = []Remedy{r}
	return []Finding{f}
}
