package sysctl

// writeEBExtensions writes a configuration file of Elastic Beanstalk, which
// makes files before it runs commands. A file that is as it should be is left
// alone, and each command may be run again at every deployment.
func writeEBExtensions(p *page, x *exported) {
	p.say("Local ports and TIME_WAIT: .ebextensions/60-twtop.config")
	p.origin(x.meta)
	p.say("To install: put this file into the source bundle, and deploy. It runs on every " +
		"instance at every deployment; to run it again changes nothing.")
	p.hostNamespace(x)
	p.notes(x)
	p.nothing(x)
	files := ebFiles(x)
	if len(files) == 0 {
		p.unowned(x.limits)
		p.line("{}")
		return
	}
	p.line("")
	p.line("files:")
	for _, f := range files {
		p.in(2).ebFile(f)
	}
	p.line("")
	if len(x.settings) == 0 && !hasDropIn(x.limits) {
		p.say("limits.d is read at login: there is no command to run.")
		return
	}
	p.line("commands:")
	if len(x.settings) > 0 {
		p.in(2).ebCommand("60_twtop_sysctl", sysctlLoad(x))
	}
	if hasDropIn(x.limits) {
		p.in(2).say("The limit of a service holds from its next start.")
		p.in(2).ebCommand("61_twtop_systemd", "systemctl daemon-reload")
	}
}

// sysctlLoad is the command that loads our file. With conntrack's keys, -e
// passes over those that are not there before the module is loaded.
func sysctlLoad(x *exported) string {
	for i := range x.settings {
		if x.settings[i].conntrack() {
			return "sysctl -e -p " + sysctlFile
		}
	}
	return "sysctl -p " + sysctlFile
}

func ebFiles(x *exported) []limitFile {
	var files []limitFile
	if len(x.settings) > 0 {
		files = append(files, limitFile{path: sysctlFile, content: sysctlFileText(x)})
	}
	return append(files, mergedLimitFiles(x.limits)...)
}

// unowned says that a limit belongs to nobody that a file could name.
func (p *page) unowned(limits []Limit) {
	if n := maxNoFile(limits); n > 0 && len(highest(limits)) == 0 {
		p.say("A process needs %d open files; neither its service nor its user is known.", n)
	}
}

func hasDropIn(limits []Limit) bool {
	for _, l := range limits {
		if l.Unit != "" {
			return true
		}
	}
	return false
}

func (p *page) ebFile(f limitFile) {
	p.line("%s:", quoted(f.path))
	p = p.in(2)
	p.line("mode: '000644'")
	p.line("owner: root")
	p.line("group: root")
	p.line("content: |")
	p.in(2).block(f.content)
}

func (p *page) ebCommand(name, command string) {
	p.line("%s:", name)
	p.in(2).line("command: %s", quoted(command))
}
