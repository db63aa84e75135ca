package sysctl

import (
	"fmt"
	"strings"
)

// writeDocker writes a compose file to lay over one's own, and the options of
// docker run in its comments.
func writeDocker(p *page, x *exported) {
	p.say("Local ports and TIME_WAIT: a compose file to lay over yours")
	p.origin(x.meta)
	p.say("To apply: name the service as yours is, then: docker compose -f compose.yaml -f FILE up -d")
	p.container("container", "--network host takes none of these: docker refuses net.* sysctls there, and they are set on the host.")
	p.notes(x)
	p.nothing(x)
	own, host := containerSettings(x.settings)
	p.dockerHost(host)
	nofile := maxNoFile(x.limits)
	if len(own) == 0 && nofile == 0 {
		p.line("services: {}")
		return
	}
	p.dockerRun(own, nofile)
	p.line("services:")
	p.in(2).line("app:")
	p = p.in(4)
	if len(own) > 0 {
		p.line("sysctls:")
	}
	for i := range own {
		p.in(2).explain(&own[i])
		p.in(2).line("%s: %s", own[i].name, quoted(own[i].value))
	}
	if nofile > 0 {
		p.line("ulimits:")
		p.in(2).line("nofile:")
		p.in(4).line("soft: %d", nofile)
		p.in(4).line("hard: %d", nofile)
	}
}

func containerSettings(all []setting) (own, host []setting) {
	for _, s := range all {
		if s.scope() == ScopeHost {
			host = append(host, s)
		} else {
			own = append(own, s)
		}
	}
	return own, host
}

func (p *page) dockerHost(host []setting) {
	if len(host) == 0 {
		return
	}
	p.say("No container can set these: each is one value for the whole host. Put them into %s there:", sysctlFile)
	for i := range host {
		p.line("#     %s = %s", host[i].name, host[i].value)
	}
}

// dockerRun writes the same as options of docker run, quoted for a shell.
func (p *page) dockerRun(own []setting, nofile uint64) {
	p.say("The same without compose:")
	p.line("#     %s", strings.Join(dockerArgs(own, nofile), " \\\n#       "))
}

func dockerArgs(own []setting, nofile uint64) []string {
	args := []string{"docker run"}
	for i := range own {
		args = append(args, "--sysctl "+shellQuoted(own[i].name+"="+own[i].value))
	}
	if nofile > 0 {
		n := fmt.Sprint(nofile)
		args = append(args, "--ulimit nofile="+n+":"+n)
	}
	return append(args, "IMAGE")
}

// shellQuoted is a string as one word of a POSIX shell.
func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
