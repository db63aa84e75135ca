package procnet

import (
	"bytes"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Cgroup reads /proc/PID/cgroup: the process's path in the v2 hierarchy, "" where
// there is none, and where it belongs by whichever hierarchy tells most. With
// v1 a container's runtime makes directories in some of them only.
func (f FS) Cgroup(pid int) (path string, place source.Place, err error) {
	b, err := f.readPID(pid, "cgroup")
	if err != nil {
		return "", source.Place{}, err
	}
	path, place = parseCgroup(b)
	return path, place, nil
}

// parseCgroup reads lines "0::/system.slice/nginx.service" and, of v1,
// "9:name=systemd:/…" (proc_cgroup_show in kernel/cgroup/cgroup.c).
func parseCgroup(b []byte) (v2 string, place source.Place) {
	for line := range bytes.Lines(b) {
		parts := strings.SplitN(strings.TrimSuffix(string(line), "\n"), ":", 3)
		if len(parts) < 3 {
			continue
		}
		// Of a process that ended, or whose directory was removed.
		path := strings.TrimSuffix(parts[2], " (deleted)")
		if parts[0] == "0" && parts[1] == "" {
			v2 = path
		}
		if p := PlaceOf(path); place == (source.Place{}) || place.Container.ID == "" && p.Container.ID != "" {
			place = p
		}
	}
	return v2, place
}
