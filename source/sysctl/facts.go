package sysctl

import "github.com/359a26c5/twtop/source"

// Facts is what a plan is made from: the host as it is, what the verdict asks,
// and who asks.
type Facts struct {
	// Values are the keys of the catalogue as the kernel prints them; an absent
	// key is not in the map.
	Values map[string]string
	Needs  []Need
	Kernel string // uname -r
	// Holders are the ports of services, now and in the frames before.
	Holders Holders
	// Reserve are further ports to keep: of services that are down now.
	Reserve source.PortSet
	// Widened is the range from before twtop widened it to the present one; zero
	// where it did not, or nobody may know.
	Widened source.PortRange
	// Kubelet: one runs here, and hands out 30000–32767 as NodePorts.
	Kubelet bool

	// Root: the effective user may write below /proc/sys.
	Root bool
	// Sudo is the command line that does as root what was asked for; "" stands
	// for that of `twtop sysctl apply --yes`.
	Sudo string
	// ProcReadOnly: /proc/sys is mounted read-only (Proc.Mounted).
	ProcReadOnly bool
	// Inside: the namespace is another one than the program's own (--netns,
	// --pid). Container: the program's own is not the host's.
	Inside, Container bool
	// ReadOnly: twtop runs read-only. Replay: it is a recording or pasted text.
	ReadOnly, Replay bool
}

// FactsOf takes from a snapshot what there is for a plan. Who asks, and where,
// is left to the caller.
func FactsOf(s *source.Snapshot, needs []Need) Facts {
	f := Facts{Values: s.Sysctls, Needs: needs, Kernel: s.Host.Kernel,
		Replay: s.Kind == source.KindCapture || s.Kind == source.KindText}
	f.Holders.See(s)
	return f
}

func (f *Facts) need(key string) *Need {
	for i := range f.Needs {
		if f.Needs[i].Key == key {
			return &f.Needs[i]
		}
	}
	return nil
}

// portFindings are the findings that say that ports are short.
var portFindings = map[string]bool{"port-exhaustion": true, "port-pressure": true, "slow-connect": true}

// portFinding is the id of the first finding that says that ports are short, or "".
func (f *Facts) portFinding() string {
	for i := range f.Needs {
		if portFindings[f.Needs[i].Finding] {
			return f.Needs[i].Finding
		}
	}
	return ""
}

// inner: the namespace is not the host's first one, which alone has
// tcp_max_orphans (ipv4_table is registered for init_net only,
// net/ipv4/sysctl_net_ipv4.c).
func (f *Facts) inner() bool {
	_, first := f.Values[MaxOrphans]
	return f.Inside || f.Container || !first && !f.Replay
}

const (
	wordsReplay   = "this is a recording"
	wordsReadOnly = "twtop runs read-only"
	wordsProc     = "/proc/sys is read-only here, as in most containers: give the values to what starts it (twtop sysctl export --as docker or --as kubernetes)"
)

// refusal says why nothing can be written here at all, or "".
func (f *Facts) refusal() string {
	switch {
	case f.Replay:
		return wordsReplay
	case f.ReadOnly:
		return wordsReadOnly
	case f.ProcReadOnly:
		return wordsProc
	case !f.Root && f.Sudo == "":
		return "only root may write sysctls: sudo twtop sysctl apply --yes"
	case !f.Root:
		return "only root may write sysctls: " + f.Sudo
	}
	return ""
}

// persistRefusal says why no file in /etc/sysctl.d is written here, or "".
func (f *Facts) persistRefusal() string {
	switch {
	case f.Replay:
		return wordsReplay
	case f.ReadOnly:
		return wordsReadOnly
	case f.Inside:
		return "/etc/sysctl.d is read at boot for the host's own namespace, not for the one of --netns or --pid"
	case f.inner():
		return "nothing reads a container's /etc/sysctl.d: give the values to what starts it (twtop sysctl export)"
	case !f.Root:
		return "only root may write to /etc/sysctl.d"
	}
	return ""
}
