package sysctl

import (
	"bytes"
	"strings"
)

// The files that exports put on a host.
const (
	sysctlFile = "/etc/sysctl.d/60-twtop.conf"
	limitsFile = "/etc/security/limits.d/60-twtop.conf"
)

func writeSysctlD(p *page, x *exported) {
	p.say("Local ports and TIME_WAIT: %s", sysctlFile)
	p.origin(x.meta)
	p.say("To install: copy this file there, then run: sysctl --system")
	p.hostNamespace(x)
	p.notes(x)
	p.nothing(x)
	p.settings(x)
	p.limits(x.limits)
}

// limits writes what to put where, as comments: sysctl.d has no place for it.
func (p *page) limits(limits []Limit) {
	if len(limits) == 0 {
		return
	}
	p.line("")
	p.say("No sysctl sets how many files a process may open.")
	p.unowned(limits)
	for _, l := range highest(limits) {
		p.say("%s", limitWords(l))
	}
	for _, f := range mergedLimitFiles(limits) {
		p.say("In %s:", f.path)
		for line := range strings.Lines(f.content) {
			p.line("#     %s", strings.TrimSpace(line))
		}
	}
}

// hostNamespace says where a file of the host has an effect, and where not.
func (p *page) hostNamespace(x *exported) {
	if x.meta.NetNS != "" {
		p.say("Mind: the plan is for the namespace %s. At boot this file sets the host's own values, "+
			"and no other namespace takes them over.", x.meta.NetNS)
	}
}

// settings writes the lines of a sysctl.d file, each explained.
func (p *page) settings(x *exported) {
	for i := range x.settings {
		s := &x.settings[i]
		p.line("")
		p.explain(s)
		if s.conntrack() {
			p.say("The key is there once nf_conntrack is loaded: name it in /etc/modules-load.d.")
		}
		if s.scope() == ScopeHost {
			p.say("One value for the whole host, containers included.")
		}
		p.line("%s = %s", s.name, s.value)
	}
}

// sysctlFileText is the content of the sysctl.d file for the formats that
// carry one inside.
func sysctlFileText(x *exported) string {
	var b bytes.Buffer
	p := &page{w: &b}
	p.say("Local ports and TIME_WAIT.")
	p.origin(x.meta)
	p.settings(x)
	return b.String()
}
