package sysctl

import "strings"

// kubeletSafe is which keys of the catalogue the kubelet lets a pod set
// without being asked, and since which Kubernetes; the kernels that it wants
// for them are older than any that twtop runs on
// (pkg/kubelet/sysctl/safe_sysctls.go).
var kubeletSafe = map[string]string{
	LocalPortRange:                        "",
	"net.ipv4.tcp_syncookies":             "",
	"net.ipv4.ip_unprivileged_port_start": "1.22",
	LocalReservedPorts:                    "1.27",
	"net.ipv4.tcp_keepalive_time":         "1.29",
	FinTimeout:                            "1.29",
	"net.ipv4.tcp_keepalive_intvl":        "1.29",
	"net.ipv4.tcp_keepalive_probes":       "1.29",
}

// writeKubernetes writes a patch of a workload. Only keys that every kubelet
// grants are active: a pod that asks for another one is refused
// (SysctlForbidden), and its ReplicaSet makes one after the other.
func writeKubernetes(p *page, x *exported) {
	p.say("Local ports and TIME_WAIT: a patch of a Deployment, StatefulSet or DaemonSet")
	p.origin(x.meta)
	p.say("To apply: kubectl patch deployment NAME --patch-file FILE. It restarts the pods, " +
		"and replaces the list of sysctls that is there.")
	p.container("pod", "hostNetwork: true has no sysctls of its own: set them on the node.")
	p.notes(x)
	p.nothing(x)
	safe, unsafe, host := podSettings(x.settings)
	p.kubeNode(host)
	p.kubeLimits(x.limits)
	if len(safe) > 0 {
		p.kubePatch(safe, unsafe)
		return
	}
	if len(unsafe) > 0 {
		p.line("")
		p.say("No key of this plan is in the kubelet's safe set, so the patch below is a comment as a whole. Remove the {} to use it.")
		p.kubePatch(nil, unsafe)
	}
	p.line("{}")
}

// container says what a container's network namespace is to the host's.
func (p *page) container(what, hostNetwork string) {
	p.say("A %s has a network namespace of its own and takes over nothing from the host. "+
		"The reservations are of the listeners where the plan was made: to plan for a running %s, "+
		"give twtop --pid of one of its processes.", what, what)
	p.say("A %s with %s", what, hostNetwork)
}

func podSettings(all []setting) (safe, unsafe, host []setting) {
	for _, s := range all {
		_, granted := kubeletSafe[s.name]
		switch {
		case s.scope() == ScopeHost:
			host = append(host, s)
		case granted:
			safe = append(safe, s)
		default:
			unsafe = append(unsafe, s)
		}
	}
	return safe, unsafe, host
}

// kubePatch writes the patch; with no safe key, as a comment from top to end.
func (p *page) kubePatch(safe, unsafe []setting) {
	off, item := "", p.in(10)
	if len(safe) == 0 {
		off, item = "# ", p
	}
	p.line("%sspec:", off)
	p.line("%s  template:", off)
	p.line("%s    spec:", off)
	p.line("%s      securityContext:", off)
	p.line("%s        sysctls:", off)
	for i := range safe {
		item.explain(&safe[i])
		if since := kubeletSafe[safe[i].name]; since != "" {
			item.say("Safe since Kubernetes %s.", since)
		}
		item.line("- name: %s", safe[i].name)
		item.line("  value: %s", quoted(safe[i].value))
	}
	if len(unsafe) == 0 {
		return
	}
	item.say("Not in the kubelet's safe set: a pod with these starts only on nodes whose kubelet runs " +
		"as below, and is refused elsewhere (SysctlForbidden). Allow them there first, then take the # away: without them this is a part of the plan only.")
	item.line("#     kubelet --allowed-unsafe-sysctls=%s", strings.Join(namesOf(unsafe), ","))
	for i := range unsafe {
		item.explain(&unsafe[i])
		p.kubeOff(off, "- name: "+unsafe[i].name)
		p.kubeOff(off, "  value: "+quoted(unsafe[i].value))
	}
}

// kubeOff writes a line of the list as a comment: the # stands where taking it
// and its blank away leaves the line in its place.
func (p *page) kubeOff(off, text string) {
	if off != "" {
		p.line("%s          %s", off, text)
		return
	}
	p.in(10).line("# %s", text)
}

func namesOf(settings []setting) []string {
	var out []string
	for i := range settings {
		out = append(out, settings[i].name)
	}
	return out
}

// kubeNode tells what no pod can set.
func (p *page) kubeNode(host []setting) {
	if len(host) == 0 {
		return
	}
	p.say("No pod can set these: each is one value for the whole node. Put them into %s on the nodes, "+
		"as the export as sysctl.d does:", sysctlFile)
	for i := range host {
		p.line("#     %s = %s", host[i].name, host[i].value)
	}
}

func (p *page) kubeLimits(limits []Limit) {
	if n := maxNoFile(limits); n > 0 {
		p.say("A pod has no field for open files (%d are needed): its processes get the limit of the node's container runtime. "+
			"Set LimitNOFILE=%d in a drop-in of containerd.service or crio.service there.", n, n)
	}
}
