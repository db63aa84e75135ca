package diagnosis

import (
	"fmt"

	"github.com/359a26c5/twtop/source"
)

// owners counts sockets by the user who opened them. Of more users than it has
// room for it knows only that there are some.
type owners struct {
	uid  [4]uint32
	n    [4]int
	used int
	rest int
}

// add takes in a socket; one that nobody holds has no user.
func (o *owners) add(d *source.Detail) {
	const known = source.HasUID | source.HasInode
	if d == nil || d.Has&known != known || d.Inode == 0 {
		return
	}
	for i := range o.used {
		if o.uid[i] == d.UID {
			o.n[i]++
			return
		}
	}
	if o.used == len(o.uid) {
		o.rest++
		return
	}
	o.uid[o.used], o.n[o.used] = d.UID, 1
	o.used++
}

// words is "They belong to user www-data.", "" where nobody is known.
func (o *owners) words(s *scene) string {
	switch {
	case o.used == 0:
		return ""
	case o.used == 1:
		return fmt.Sprintf("They belong to %s.", s.user(o.uid[0]))
	}
	best := 0
	for i := range o.used {
		if o.n[i] > o.n[best] {
			best = i
		}
	}
	return fmt.Sprintf("Most belong to %s (%s), others to other users.", s.user(o.uid[best]), Grouped(o.n[best]))
}

// user is "user www-data", or "uid 33" where no process that is known tells the name.
func (s *scene) user(uid uint32) string {
	for i := range s.Snapshot.Processes {
		if p := &s.Snapshot.Processes[i]; p.UID == uid && p.User != "" {
			return processUser(p)
		}
	}
	return fmt.Sprintf("uid %d", uid)
}
