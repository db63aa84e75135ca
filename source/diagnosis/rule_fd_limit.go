package diagnosis

import (
	"fmt"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
)

// fdLimitRule tells fd-limit: a process is near its RLIMIT_NOFILE, where
// socket() and accept() fail with EMFILE (alloc_fd, fs/file.c), or the host is
// near fs.file-max, where they fail with ENFILE for all but root
// (alloc_empty_file, fs/file_table.c).
type fdLimitRule struct {
	host nearness
	of   map[processKey]*openFiles
}

// processKey tells processes apart: a PID is used again.
type processKey struct {
	pid  int
	born time.Time
}

// openFiles is what is remembered of a process.
type openFiles struct {
	nearness
	files uint64    // when it was first seen
	seen  time.Time // Snapshot.Taken then
}

const (
	keyFileMax = "fs.file-max"
	keyNrOpen  = "fs.nr_open"
)

// The limits that are advised: of a process at least what a server needs, and
// no more than fs.nr_open lets; of the host a bound that is none.
const (
	fewestFiles   = 65_536
	defaultNrOpen = 1 << 20 // sysctl_nr_open, fs/file.c
	mostHostFiles = 1 << 40
)

func (l *fdLimitRule) look(s *scene) []Finding {
	found := l.hostFiles(s)
	return append(found, l.processes(s, maxSubjects-len(found))...)
}

func (l *fdLimitRule) hostFiles(s *scene) []Finding {
	open, most := s.Snapshot.Counters.FilesOpen, s.Snapshot.Counters.FilesMax
	if open == nil || most == nil || *most == 0 || !l.host.observe(*open, *most) {
		return nil
	}
	f := ofHost(FDLimit, fmt.Sprintf("The host has %s files open (fs.file-max): at the limit accept() and socket() fail", outOf(*open, *most)))
	if *open >= *most {
		f.Claim = fmt.Sprintf("The host has all of %s files open (fs.file-max): accept() and socket() fail now (errno 23)", amount(*most))
	}
	f.Evidence = []string{fmt.Sprintf("%d %% of the limit; the error is errno 23, \"Too many open files in system\", and root is spared it.",
		percentOf(*open, *most))}
	if r, _, ok := s.raise(keyFileMax, *open, *most, mostHostFiles); ok {
		r.Effect = "for the whole host, all containers included"
		f.Remedies = append(f.Remedies, r)
	}
	f.Remedies = append(f.Remedies, Remedy{Kind: RemedyApplication, Page: PageNoFile,
		Text: "find the processes that hold most of them", Effect: "one that only opens, and never closes, reaches each limit"})
	return []Finding{f}
}

// processes are those near their limit, the fullest first, and most of them.
func (l *fdLimitRule) processes(s *scene, most int) []Finding {
	before := l.of
	l.of = nil
	var near []*source.Process
	for i := range s.Snapshot.Processes {
		p := &s.Snapshot.Processes[i]
		if p.Files == nil || p.FilesMax == nil || *p.FilesMax == 0 {
			continue
		}
		if l.remember(before, p, s.Snapshot.Taken).observe(*p.Files, *p.FilesMax) {
			near = append(near, p)
		}
	}
	slices.SortStableFunc(near, func(a, b *source.Process) int {
		return percentOf(*b.Files, *b.FilesMax) - percentOf(*a.Files, *a.FilesMax)
	})
	var found []Finding
	for _, p := range near[:min(len(near), most)] {
		found = append(found, l.finding(s, p))
	}
	switch more := len(near) - len(found); {
	case more == 1:
		found[0].Evidence = append(found[0].Evidence, "and 1 more process")
	case more > 1:
		found[0].Evidence = append(found[0].Evidence, fmt.Sprintf("and %s more processes", Grouped(more)))
	}
	return found
}

func (l *fdLimitRule) remember(before map[processKey]*openFiles, p *source.Process, now time.Time) *openFiles {
	key := processKey{p.PID, p.Born}
	o := before[key]
	if o == nil {
		o = &openFiles{files: *p.Files, seen: now}
	}
	if l.of == nil {
		l.of = make(map[processKey]*openFiles)
	}
	l.of[key] = o
	return o
}

func (l *fdLimitRule) finding(s *scene, p *source.Process) Finding {
	name := processName(p)
	f := ofHost(FDLimit, fmt.Sprintf("%s has %s files open: at the limit accept() and socket() fail", name, outOf(*p.Files, *p.FilesMax)))
	if *p.Files >= *p.FilesMax {
		f.Claim = fmt.Sprintf("%s has all of its %s files open: accept() and socket() fail now (errno 24)", name, amount(*p.FilesMax))
	}
	f.Subject = name
	first := l.of[processKey{p.PID, p.Born}]
	f.Evidence = []string{
		fmt.Sprintf("%d %% of its RLIMIT_NOFILE%s; %s%s.", percentOf(*p.Files, *p.FilesMax), first.growth(*p.Files, s.Snapshot.Taken),
			processUser(p), processAge(p, s.Snapshot.Taken)),
		"The error is errno 24, \"Too many open files\".",
	}
	f.Remedies = s.fileRemedies(p)
	return f
}

// growth is how many more there are than when the process was first seen.
func (o *openFiles) growth(files uint64, now time.Time) string {
	ago := now.Sub(o.seen)
	if files <= o.files || ago < time.Second {
		return ""
	}
	return fmt.Sprintf(", %s more than %s ago", amount(files-o.files), inAbout(ago.Truncate(time.Second)))
}
