package sysctl

import "fmt"

// writeAnsible writes a playbook for the host that the plan was made for.
func writeAnsible(p *page, x *exported) {
	p.line("---")
	p.say("Local ports and TIME_WAIT: a playbook")
	p.origin(x.meta)
	p.say("To run: ansible-galaxy collection install ansible.posix community.general; " +
		"ansible-playbook --check --diff FILE; the same without --check.")
	p.say("The reservations are of one host's listeners: plan anew for others.")
	p.hostNamespace(x)
	p.notes(x)
	p.nothing(x)
	p.unowned(x.limits)
	p.line("- name: Local ports and TIME_WAIT")
	p = p.in(2)
	p.line("hosts: %s", quoted(ansibleHost(x.meta.Host)))
	p.line("become: true")
	p.line("gather_facts: false")
	if len(x.settings)+len(highest(x.limits)) == 0 {
		p.line("tasks: []")
		return
	}
	p.line("tasks:")
	for i := range x.settings {
		p.in(2).ansibleSysctl(&x.settings[i])
	}
	for _, l := range highest(x.limits) {
		p.in(2).ansibleLimit(l)
	}
	if hasDropIn(x.limits) {
		p.line("handlers:")
		p.in(2).line("- name: Reload systemd")
		p.in(4).line("ansible.builtin.systemd:")
		p.in(6).line("daemon_reload: true")
	}
}

// ansibleHost is the host's name, unless it would mean something else as a
// pattern of hosts: then this host.
func ansibleHost(name string) string {
	if len(name) > 253 || !hostName.MatchString(name) || name == "all" || name == "ungrouped" {
		return "localhost"
	}
	return name
}

func (p *page) ansibleSysctl(s *setting) {
	p.explain(s)
	p.task("Set "+s.name, "ansible.posix.sysctl",
		"name", s.name, "value", s.value, "sysctl_file", sysctlFile, "state", "present",
		"sysctl_set", "true", "reload", "true")
}

func (p *page) ansibleLimit(l Limit) {
	p.say("%s", limitWords(l))
	if l.Unit == "" {
		p.task("Let "+l.User+" open more files", "community.general.pam_limits",
			"dest", limitsFile, "domain", l.User, "limit_type", "-", "limit_item", "nofile", "value", fmt.Sprint(l.NoFile))
		return
	}
	f := dropIn(l)
	p.task("Make the drop-in directory of "+l.Unit, "ansible.builtin.file",
		"path", f.dir, "state", "directory", "owner", "root", "group", "root", "mode", "0755")
	p.task("Let "+l.Unit+" open more files", "ansible.builtin.copy",
		"dest", f.path, "owner", "root", "group", "root", "mode", "0644")
	p.in(4).line("content: |")
	p.in(6).block(f.content)
	p.in(2).line("notify: Reload systemd")
}

// task writes a task and its arguments, in pairs. All are strings but true.
func (p *page) task(name, module string, args ...string) {
	p.line("- name: %s", quoted(name))
	p.in(2).line("%s:", module)
	for i := 0; i < len(args); i += 2 {
		value := args[i+1]
		if value != "true" {
			value = quoted(value)
		}
		p.in(4).line("%s: %s", args[i], value)
	}
}
