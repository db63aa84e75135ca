package procnet

import (
	"path"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// maxPlace bounds what is kept of a unit's name or a container's id, in
// characters; a systemd unit's name has 255 bytes at the most.
const maxPlace = 255

// runtimes are the prefixes that container runtimes put before an id where
// systemd makes the cgroup: "docker-ID.scope", "cri-containerd-ID.scope".
var runtimes = []struct{ prefix, name string }{
	{"docker-", "docker"},
	{"libpod-", "podman"},
	{"cri-containerd-", "containerd"},
	{"nerdctl-", "containerd"},
	{"crio-", "cri-o"},
	{"lxc-", "lxc"},
}

// PlaceOf reads a cgroup path, of v1 or v2: which systemd unit it is in, which
// container, and of which Kubernetes pod. The deepest ones count: a container
// inside a container, a unit inside a slice.
func PlaceOf(cgroup string) source.Place {
	var p source.Place
	above := ""
	for _, part := range strings.Split(path.Clean("/"+cgroup), "/") {
		part = unescape(part)
		switch runtime, id := containerOf(above, part); {
		case id != "":
			// The scope that systemd made for it is no unit of anybody's.
			p.Container.ID, p.Container.Runtime, p.Unit = clean(id), runtime, ""
		case podOf(part) != "":
			p.Container = source.Container{Pod: podOf(part)}
		case strings.HasSuffix(part, ".service") || strings.HasSuffix(part, ".scope") ||
			strings.HasSuffix(part, ".socket") || strings.HasSuffix(part, ".mount"):
			p.Unit = clean(part)
		}
		above = part
	}
	return p
}

// containerOf tells a container's directory by its name and the one above it.
func containerOf(above, part string) (runtime, id string) {
	name, scoped := strings.CutSuffix(part, ".scope")
	for _, r := range runtimes {
		if rest, ok := strings.CutPrefix(name, r.prefix); ok && isID(rest) {
			return r.name, rest
		}
	}
	switch {
	case scoped:
		return "", ""
	case above == "docker" || above == "podman" || above == "libpod_parent" || above == "lxc" || above == "garden":
		if isName(part) {
			return strings.TrimSuffix(above, "_parent"), part
		}
	case strings.HasPrefix(part, "lxc.payload."):
		return "lxc", strings.TrimPrefix(part, "lxc.payload.")
	case podOf(above) != "" && isID(part): // cgroupfs driver: kubepods/burstable/podUID/ID
		return "", part
	case strings.HasPrefix(part, "ecs-") || len(part) == idLen && isID(part):
		return "", part
	}
	return "", ""
}

// idLen is the length of a container's full id.
const idLen = 64

// isID reports whether s is a container's id, or the begin of one.
func isID(s string) bool {
	if len(s) < 12 || len(s) > idLen {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

func isName(s string) bool { return s != "" && !strings.HasSuffix(s, ".slice") && s != "init" }

// podOf is the uid of a pod that a directory is named after: "pod0f1c…" by the
// cgroupfs driver, "kubepods-burstable-pod0f1c_….slice" by systemd's.
func podOf(part string) string {
	name, slice := strings.CutSuffix(part, ".slice")
	if slice {
		if !strings.HasPrefix(name, "kubepods") {
			return ""
		}
		at := strings.LastIndex(name, "-pod")
		if at < 0 {
			return ""
		}
		name = name[at+1:]
	}
	uid, ok := strings.CutPrefix(name, "pod")
	uid = strings.ReplaceAll(uid, "_", "-")
	if !ok || len(uid) < 32 || len(uid) > 36 || strings.Trim(uid, "0123456789abcdef-") != "" {
		return ""
	}
	return uid
}

// unescape undoes how systemd writes a unit's name that could be taken for one
// of the kernel's own files: with a leading "_" (cg_escape).
func unescape(s string) string { return strings.TrimPrefix(s, "_") }

func clean(s string) string { return source.Clean(s, maxPlace) }
