package diagnosis

import (
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
)

// processName is "nginx (PID 2872)".
func processName(p *source.Process) string {
	if p.Name == "" {
		return fmt.Sprintf("PID %d", p.PID)
	}
	return fmt.Sprintf("%s (PID %d)", p.Name, p.PID)
}

// processUser is "user www-data".
func processUser(p *source.Process) string {
	if p.User == "" {
		return fmt.Sprintf("uid %d", p.UID)
	}
	return "user " + p.User
}

// processAge is ", up for 3 min", "" where that is not known.
func processAge(p *source.Process, now time.Time) string {
	age := now.Sub(p.Born)
	if p.Born.IsZero() || age < time.Second {
		return ""
	}
	if age >= 3*time.Hour {
		return fmt.Sprintf(", up for %d h", int(age.Hours()))
	}
	return ", up for " + inAbout(age.Truncate(time.Second))
}

// fileRemedies raise a process's limit of open files: at once, and for good.
func (s *scene) fileRemedies(p *source.Process) (out []Remedy) {
	value := s.filesWanted(*p.FilesMax)
	if value > *p.FilesMax {
		out = append(out, Remedy{Kind: RemedySystem, Page: PageNoFile,
			Text:   fmt.Sprintf("raise its limit: prlimit --pid %d --nofile=%d:%s", p.PID, value, hardLimit(p, value)),
			Effect: selectEffect(p)})
	}
	if value > *p.FilesMax && p.Name == "nginx" {
		out = append(out, Remedy{Kind: RemedyApplication, Page: PageNoFile,
			Text:   fmt.Sprintf("set worker_rlimit_nofile %d in nginx.conf and reload", value),
			Effect: "new workers raise their limit themselves"})
	}
	if value > *p.FilesMax {
		out = append(out, Remedy{Kind: RemedySystem, Page: PageNoFile,
			Text:   fmt.Sprintf("set LimitNOFILE=%d in its systemd unit and restart it", value),
			Effect: "for good; /etc/security/limits.conf serves logins, not units"})
	}
	return append(out, Remedy{Kind: RemedyApplication, Page: PageNoFile,
		Text:   "check that the program closes what it opens",
		Effect: "one that leaks reaches each limit, only later"})
}

// selectEffect warns where the limit has kept the program below the numbers
// that select() can take: FD_SET of a greater one writes past its set.
func selectEffect(p *source.Process) string {
	const setSize = 1024 // FD_SETSIZE
	if *p.FilesMax > setSize {
		return "no restart; holds until the process ends"
	}
	return "no restart; not for a program that uses select(): files from number 1,024 on (FD_SETSIZE) overwrite its memory"
}

// filesWanted is the limit to advise: no more than fs.nr_open lets.
func (s *scene) filesWanted(now uint64) uint64 {
	most := uint64(defaultNrOpen)
	if n := sysctlInt(s.Snapshot, keyNrOpen); n != nil && *n > 0 {
		most = uint64(*n)
	}
	return min(max(roundUp(2*min(now, most)), fewestFiles), most)
}

// hardLimit is what prlimit is given after the colon: nothing where the hard
// limit leaves room, else the value as well, which takes root.
func hardLimit(p *source.Process, value uint64) string {
	if p.FilesHard == nil || *p.FilesHard >= value {
		return ""
	}
	return fmt.Sprint(value)
}
