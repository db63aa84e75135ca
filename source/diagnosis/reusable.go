package diagnosis

import (
	"strconv"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// reuseRule is when the kernel hands the port of a TIME_WAIT out again, as
// tcp_twsk_unique in net/ipv4/tcp_ipv4.c has it, for IPv6 too:
//
//   - tcp_tw_reuse 1, or 2 and one of the two addresses is in 127.0.0.0/8 or
//     is ::1. The host's own other addresses do not count, although they go
//     over lo. (A socket bound to the device lo counts as well; a flow does
//     not know its sockets' devices, and so it is left out.)
//   - The connection had timestamps, at the time: what tcp_timestamps says now
//     makes no difference to a TIME_WAIT.
//   - It is older than tcp_tw_reuse_delay, Linux 6.14. Before that it was 1 s,
//     and before 6.14 counted in whole seconds: a TIME_WAIT of less than 1 s
//     may be handed out there, one of more always is.
//   - It is a real TIME_WAIT, not a FIN_WAIT2 mini-socket. (Kernels before that
//     check may hand out those as well; they are not counted on.)
//
// Only connect() without bind() asks this.
type reuseRule struct {
	mode  int   // 0, 1, 2; -1 if unknown
	delay int32 // ms
}

// defaultReuseDelay is what kernels without the key use, and the default, in ms.
const defaultReuseDelay = 1000

func reuseRuleOf(s *source.Snapshot) reuseRule {
	r := reuseRule{mode: -1, delay: defaultReuseDelay}
	if n := sysctlInt(s, sysctl.TWReuse); n != nil && *n >= 0 && *n <= 2 {
		r.mode = *n
	}
	if n := sysctlInt(s, sysctl.TWReuseDelay); n != nil && *n >= 0 {
		r.delay = int32(min(*n, timeWaitMS))
	}
	return r
}

// reaches says whether the mode lets this flow reuse.
func (r reuseRule) reaches(f *source.Flow) verdict {
	loopback := f.Local.IsLoopback() || f.Remote.IsLoopback()
	switch {
	case r.mode == 0 || r.mode == 2 && !loopback:
		return no
	case r.mode < 0:
		return unknown
	}
	return yes
}

// reusable is the number of TIME_WAITs that connect() may have again, by half.
type reusable struct {
	half  [halves]int
	known bool
}

func (r reusable) total() int { return r.half[preferred] + r.half[other] }

// reusable works the number out. Where bindFirst, the ports of the other half
// belong to clients that bound them, and nobody else gets those.
func (r reuseRule) reusable(f *source.Flow, t *tally, e *epoch, bindFirst bool) reusable {
	out := reusable{known: true}
	mode := r.reaches(f)
	for half := range t.ripe {
		if half == other && bindFirst {
			continue
		}
		for era, n := range t.ripe[half] {
			switch both(mode, e.verdict[era]) {
			case yes:
				out.half[half] += n
			case unknown:
				out.known = out.known && n == 0
			}
			if t.ageless[half] > 0 && both(mode, e.verdict[era]) != no {
				out.known = false
			}
		}
	}
	if !out.known {
		return reusable{}
	}
	return out
}

func both(a, b verdict) verdict {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return unknown
}

// sysctlInt reads a sysctl that is one whole number, nil where it is not known.
func sysctlInt(s *source.Snapshot, key string) *int {
	v, ok := s.Sysctl(key)
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return nil
	}
	return &n
}
