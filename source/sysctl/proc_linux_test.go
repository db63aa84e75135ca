package sysctl

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// procDir is a directory like /proc with one key.
func procDir(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(root+"/sys/net/ipv4", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/sys/net/ipv4/tcp_tw_reuse", []byte("2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestProc(t *testing.T) {
	p := Proc{procDir(t)}
	if v, ok, err := p.Read(TWReuse); v != "2" || !ok || err != nil {
		t.Errorf("%q, %v, %v", v, ok, err)
	}
	if _, ok, err := p.Read(Timestamps); ok || err != nil {
		t.Errorf("absent: %v, %v", ok, err)
	}
	if err := p.Write(TWReuse, "1"); err != nil {
		t.Error(err)
	}
	if v, _, _ := p.Read(TWReuse); v != "1" {
		t.Errorf("%q", v)
	}
	if err := p.Write(TWReuse, "3"); err == nil {
		t.Error("a value out of bounds was written")
	}
	for _, key := range []string{"net.ipv4.ip_forward", "../../etc/passwd", "net.ipv4.tcp_tw_reuse/", "", FinTimeout} {
		if err := p.Write(key, "1"); err == nil {
			t.Errorf("%q was written", key)
		}
	}
}

func TestProcFollowsNoLink(t *testing.T) {
	for name, spoil := range map[string]func(root string) error{
		"the key, to a file outside": func(root string) error { return relink(root+"/sys/net/ipv4/tcp_tw_reuse", "/victim") },
		"the key, to another key": func(root string) error {
			return errors.Join(os.WriteFile(root+"/sys/net/ipv4/other", []byte("2\n"), 0o644), relink(root+"/sys/net/ipv4/tcp_tw_reuse", "other"))
		},
		"a directory": func(root string) error {
			return errors.Join(os.Rename(root+"/sys/net/ipv4", root+"/sys/net/v4"), os.Symlink("v4", root+"/sys/net/ipv4"))
		},
		"a pipe": func(root string) error {
			file := root + "/sys/net/ipv4/tcp_tw_reuse"
			return errors.Join(os.Remove(file), syscall.Mkfifo(file, 0o600))
		},
	} {
		root := procDir(t)
		if err := spoil(root); err != nil {
			t.Fatal(err)
		}
		p := Proc{root}
		if err := p.Write(TWReuse, "1"); err == nil {
			t.Errorf("%s: written through it", name)
		}
		if _, _, err := p.Read(TWReuse); err == nil {
			t.Errorf("%s: read through it", name)
		}
	}
}

func relink(name, target string) error {
	if filepath.IsAbs(target) {
		target = filepath.Dir(name) + target
		if err := os.WriteFile(target, []byte("2\n"), 0o644); err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(name), os.Symlink(target, name))
}

func TestProcMounted(t *testing.T) {
	p := Proc{procDir(t)}
	if !p.Mounted() {
		t.Error("a directory that may be written to is not")
	}
	dir := t.TempDir()
	mount(t, dir+"/sys", "mode=755", syscall.MS_RDONLY)
	remount(t, dir+"/sys", 0)
	if err := os.MkdirAll(dir+"/sys/net/ipv4", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/sys/net/ipv4/ip_local_port_range", []byte("1 2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	remount(t, dir+"/sys", syscall.MS_RDONLY)
	if (Proc{dir}).Mounted() {
		t.Error("a read-only one is")
	}
	if err := (Proc{dir}).Write(LocalPortRange, "1024 65535"); !errors.Is(err, syscall.EROFS) {
		t.Error(err)
	}
}
