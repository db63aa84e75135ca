package procnet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

func TestPlaceOf(t *testing.T) {
	id := strings.Repeat("0a1b2c3d", 8)
	const pod = "0f1c2d3e-aaaa-bbbb-cccc-0123456789ab"
	podSlice := "kubepods-burstable-pod" + strings.ReplaceAll(pod, "-", "_") + ".slice"
	container := func(runtime, pod string) source.Place {
		return source.Place{Container: source.Container{ID: id, Runtime: runtime, Pod: pod}}
	}
	unit := func(name string) source.Place { return source.Place{Unit: name} }
	for path, want := range map[string]source.Place{
		"/":                             {},
		"":                              {},
		"/system.slice":                 {},
		"/system.slice/nginx.service":   unit("nginx.service"),
		"/system.slice/_cgroup.service": unit("cgroup.service"),
		"/system.slice/system-getty.slice/getty@tty1.service":                      unit("getty@tty1.service"),
		"/user.slice/user-1000.slice/session-3.scope":                              unit("session-3.scope"),
		"/user.slice/user-1000.slice/user@1000.service/app.slice/firefox-12.scope": unit("firefox-12.scope"),
		"/docker/" + id:                                                                             container("docker", ""),
		"/system.slice/docker-" + id + ".scope":                                                     container("docker", ""),
		"/docker/" + id + "/system.slice/nginx.service":                                             {Unit: "nginx.service", Container: source.Container{ID: id, Runtime: "docker"}},
		"/machine.slice/libpod-" + id + ".scope/container":                                          container("podman", ""),
		"/machine.slice/libpod-conmon-" + id + ".scope":                                             unit("libpod-conmon-" + id + ".scope"),
		"/system.slice/containerd.service/kubepods-x:cri-containerd:" + id:                          unit("containerd.service"),
		"/kubepods.slice/kubepods-burstable.slice/" + podSlice + "/cri-containerd-" + id + ".scope": container("containerd", pod),
		"/kubepods.slice/kubepods-burstable.slice/" + podSlice + "/crio-" + id + ".scope":           container("cri-o", pod),
		"/kubepods/besteffort/pod" + pod + "/" + id:                                                 container("", pod),
		"/kubepods/burstable/pod" + pod:                                                             {Container: source.Container{Pod: pod}},
		"/ecs/0123/" + id:                                                                           container("", ""),
		"/lxc.payload.web":                                                                          {Container: source.Container{ID: "web", Runtime: "lxc"}},
		"/lxc/web":                                                                                  {Container: source.Container{ID: "web", Runtime: "lxc"}},
		"/kubepods.slice/" + podSlice + "/cri-containerd-" + id + ".scope/docker/" + strings.Repeat("f", 64): {
			Container: source.Container{ID: strings.Repeat("f", 64), Runtime: "docker", Pod: pod}},
		"/system.slice/docker-short.scope":                        unit("docker-short.scope"),
		"/podcasts/" + id[:20]:                                    {},
		"/system.slice/evil\x1b[2J\n\u202e.service":               unit("evil .service"),
		"/../../system.slice/./a.service":                         unit("a.service"),
		"/system.slice/" + strings.Repeat("x", 1000) + ".service": unit(strings.Repeat("x", maxPlace-1) + "…"),
	} {
		if got := PlaceOf(path); got != want {
			t.Errorf("%q: %+v, want %+v", path, got, want)
		}
	}
}

// TestParseCgroup: with v1 the container is in some hierarchies only, and the
// path in the v2 one says little.
func TestParseCgroup(t *testing.T) {
	id := strings.Repeat("0a1b2c3d", 8)
	v1 := "12:pids:/docker/" + id + "\n9:name=systemd:/system.slice/docker.service\n0::/system.slice/containerd.service\n"
	for _, c := range []struct {
		file, path string
		place      source.Place
	}{
		{"0::/system.slice/nginx.service\n", "/system.slice/nginx.service", source.Place{Unit: "nginx.service"}},
		{v1, "/system.slice/containerd.service", source.Place{Container: source.Container{ID: id, Runtime: "docker"}}},
		{"9:name=systemd:/system.slice/a.service\n1:cpu:/\n0::/\n", "/", source.Place{Unit: "a.service"}},
		{"0::/system.slice/a.service (deleted)\n", "/system.slice/a.service", source.Place{Unit: "a.service"}},
		{"0::/a:b/c.service\nnonsense\n\n", "/a:b/c.service", source.Place{Unit: "c.service"}},
		{"", "", source.Place{}},
	} {
		if path, place := parseCgroup([]byte(c.file)); path != c.path || place != c.place {
			t.Errorf("%q: %q %+v", c.file, path, place)
		}
	}
}

func TestCgroupTree(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "system.slice/nginx.service")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		filepath.Join(root, "cgroup.controllers"): "cpu\n",
		filepath.Join(dir, "cgroup.procs"):        "2872\n2873\nx\n2874\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree := CgroupTree{Roots: []string{"/nowhere", root}}
	tree.Walk()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := inodeOf(info)
	if path, ok := tree.Path(id); !ok || path != "/system.slice/nginx.service" {
		t.Errorf("%q, %v", path, ok)
	}
	if place, ok := tree.Place(id); !ok || place.Unit != "nginx.service" {
		t.Errorf("%+v, %v", place, ok)
	}
	if pids := tree.Members(id, 2); len(pids) != 2 || pids[0] != 2872 || pids[1] != 2873 {
		t.Errorf("members %v", pids)
	}
	if _, ok := tree.Place(1); ok {
		t.Error("a cgroup that is not there is known")
	}
	none := CgroupTree{Roots: []string{"/nowhere"}}
	if none.Walk(); none.Root() != "" || none.Members(id, 2) != nil {
		t.Error("found what is not there")
	}
}

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint32{
		"socket:[48213]": 48213, "socket:[0]": 0, "socket:[": 0, "socket:[1": 0, "pipe:[3]": 0, "socket:[x]": 0,
		"/dev/null": 0, "socket:[4294967297]": 1, "socket:[99999999999999999999]": 0,
	} {
		if got, ok := SocketInode(link); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", link, got, ok)
		}
	}
}

func TestSockets(t *testing.T) {
	fs := proc(t, map[string]string{"7/fd/x": ""})
	for fd, link := range map[string]string{"3": "socket:[31]", "4": "/dev/null", "5": "socket:[51]"} {
		if err := os.Symlink(link, filepath.Join(fs.Root, "7/fd", fd)); err != nil {
			t.Fatal(err)
		}
	}
	got := map[int]uint32{}
	n, err := fs.Sockets(7, 100, func(fd int, inode uint32) { got[fd] = inode })
	if err != nil || n != 4 || len(got) != 2 || got[3] != 31 || got[5] != 51 {
		t.Errorf("%d, %v, %v", n, got, err)
	}
	if n, err := fs.Sockets(7, 2, func(int, uint32) {}); n != 2 || err != nil {
		t.Errorf("looked at %d of 2, %v", n, err)
	}
	if _, err := fs.Sockets(8, 2, func(int, uint32) {}); err == nil {
		t.Error("a process that is not there")
	}
}
