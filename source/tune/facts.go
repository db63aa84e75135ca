package tune

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/procnet"
	"github.com/359a26c5/twtop/source/sysctl"
)

// facts are what a plan is made from, here and now.
func (h *Host) facts(r *diagnosis.Report, reserve source.PortSet) (sysctl.Facts, error) {
	f := sysctl.FactsOf(r.Snapshot, r.Needs())
	f.Reserve, f.ReadOnly, f.Root, f.Sudo = reserve, h.ReadOnly, h.EUID == 0, h.Sudo("apply")
	h.recent.recall(&f.Holders)
	f.Holders.Names = names(r.Snapshot)
	return f, h.Space.Within(func(procRoot string) { h.look(procRoot, &f, r.Snapshot) })
}

// look finds out what only a thread inside the namespace can see.
func (h *Host) look(procRoot string, f *sysctl.Facts, s *source.Snapshot) {
	proc := sysctl.Proc{Root: procRoot}
	f.Values = map[string]string{}
	for _, key := range sysctl.Names() {
		v, ok, err := proc.Read(key)
		if err == nil && ok {
			f.Values[key] = v
		}
	}
	if h.EUID == 0 { // a journal that cannot be read widened nothing: an apply tells of it
		f.Widened, _ = h.guard(procRoot).Widened()
	}
	f.ProcReadOnly = !proc.Mounted()
	f.Inside = inside(procRoot)
	f.Container = container(h.Root, procRoot)
	f.Kubelet = listens(s, kubeletPort) || kubelet(procnet.FS{Root: procRoot})
}

// inside reports whether the thread is in another network namespace than the
// process: both exist now, so that their inodes tell them apart.
func inside(procRoot string) bool {
	own, err := os.Stat(filepath.Join(procRoot, "self/ns/net"))
	if err != nil {
		return false
	}
	its, err := os.Stat(filepath.Join(procRoot, "thread-self/ns/net"))
	return err == nil && !os.SameFile(own, its)
}

// firstPIDNS is the host's own PID namespace: PROC_PID_INIT_INO
// (include/linux/proc_ns.h), of which every host has one.
const firstPIDNS = "pid:[4026531836]"

// marks are files that the runtimes of containers leave in them: Docker, Podman,
// and systemd-nspawn, which others follow.
var marks = []string{".dockerenv", "run/.containerenv", "run/systemd/container"}

// container reports whether twtop runs in one.
func container(root, procRoot string) bool {
	if ns, err := os.Readlink(filepath.Join(procRoot, "self/ns/pid")); err == nil && ns != firstPIDNS {
		return true
	}
	for _, mark := range marks {
		if _, err := os.Stat(filepath.Join(root, mark)); err == nil {
			return true
		}
	}
	return false
}

// kubelets are the programs that are one, or have one in them: Kubernetes, k3s,
// MicroK8s.
var kubelets = map[string]bool{"kubelet": true, "k3s-server": true, "k3s-agent": true, "k3s": true, "kubelite": true}

// kubeletPort is the port of its API, also where its process is hidden.
const kubeletPort = 10250

func listens(s *source.Snapshot, port uint16) bool {
	return slices.ContainsFunc(s.Listeners, func(l source.Listener) bool { return l.Port == port && !l.Gone })
}

// kubelet reports whether one is seen to run in the namespace of the thread:
// NodePorts are of that namespace only.
func kubelet(proc procnet.FS) bool {
	list, err := proc.Processes()
	if err != nil {
		return false
	}
	defer func() { _ = list.Close() }()
	for {
		pids, err := list.Next(256)
		if err != nil {
			return false
		}
		for _, pid := range pids {
			if name, err := proc.Comm(pid); err != nil || !kubelets[name] {
				continue
			}
			if shares, known := proc.SharesNetNS(pid); shares || !known {
				return true
			}
		}
	}
}
