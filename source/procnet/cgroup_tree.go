package procnet

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/359a26c5/twtop/source"
)

// CgroupTree finds cgroup v2 directories by their number, which is what
// INET_DIAG_CGROUP_ID tells of a socket: the inode of the directory.
type CgroupTree struct {
	// Roots are where cgroup2 may be mounted; the first that is counts.
	Roots []string

	paths  map[uint64]string // relative to the root
	walked int               // entries that the last walk saw
}

// CgroupRoots are where cgroup2 is mounted: alone, or beside v1.
func CgroupRoots() []string { return []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} }

// maxCgroups bounds the directories that a walk looks at; a full Kubernetes
// node has about 2,000.
const maxCgroups = 20_000

// Path returns a cgroup's path below the root, from the last walk.
func (t *CgroupTree) Path(id uint64) (path string, ok bool) {
	path, ok = t.paths[id]
	return path, ok
}

// Place is where a cgroup belongs, by its path.
func (t *CgroupTree) Place(id uint64) (source.Place, bool) {
	path, ok := t.paths[id]
	if !ok {
		return source.Place{}, false
	}
	return PlaceOf(path), true
}

// Root is where cgroup2 is mounted, "" if nowhere.
func (t *CgroupTree) Root() string {
	for _, root := range t.Roots {
		if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
			return root
		}
	}
	return ""
}

// Walk reads the tree anew: 10 µs a directory.
func (t *CgroupTree) Walk() {
	t.paths, t.walked = make(map[uint64]string), 0
	root := t.Root()
	if root == "" {
		return
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil: // removed meanwhile
			return nil
		case !d.IsDir():
			return nil
		case t.walked >= maxCgroups:
			return filepath.SkipAll
		}
		t.walked++
		if info, err := d.Info(); err == nil {
			if rel, err := filepath.Rel(root, path); err == nil {
				t.paths[inodeOf(info)] = filepath.Join("/", rel)
			}
		}
		return nil
	})
}

// Members lists the processes of a cgroup, most of them at the most.
func (t *CgroupTree) Members(id uint64, most int) (pids []int) {
	path, ok := t.paths[id]
	if !ok {
		return nil
	}
	file, err := os.Open(filepath.Join(t.Root(), path, "cgroup.procs"))
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	b := make([]byte, min(8*most, 1<<16)) // a PID has 7 digits at the most
	n, err := file.Read(b)
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(b[:n]) {
		pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
		if err == nil && pid > 0 && len(pids) < most {
			pids = append(pids, pid)
		}
	}
	return pids
}
