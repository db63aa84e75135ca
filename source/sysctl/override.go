package sysctl

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Override is a line of another file that sets a key after 60-twtop.conf has.
type Override struct {
	File, Key, Value string
}

// confDirs are what systemd-sysctl and `sysctl --system` read, the first of two
// files with one name (sysctl.d(5)).
var confDirs = []string{"etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"}

// Overrides are the lines by which later files set the keys to other values:
// files are read in the order of their names, whatever directory they are in,
// and `sysctl --system` reads /etc/sysctl.conf last.
func (d *DropIn) Overrides(values map[string]string) []Override {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		return nil
	}
	defer func() { _ = root.Close() }()
	var out []Override
	for _, file := range append(laterFiles(root), "etc/sysctl.conf") {
		b, err := fs.ReadFile(root.FS(), file)
		if err != nil || len(b) > maxConf {
			continue
		}
		c := parseConf(string(b))
		for _, key := range Names() {
			want, asked := values[key]
			k, _ := Lookup(key)
			if got, ok := c.globbed(key); ok && asked && !k.same(got, want) {
				out = append(out, Override{File: path.Join("/", file), Key: key, Value: source.Clean(got, 80)})
			}
		}
	}
	return out
}

// laterFiles are those read after 60-twtop.conf.
func laterFiles(root *os.Root) []string {
	seen := map[string]string{}
	var names []string
	for _, dir := range confDirs {
		entries, err := fs.ReadDir(root.FS(), dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := e.Name()
			if _, masked := seen[name]; masked || name <= dropInName || !strings.HasSuffix(name, ".conf") {
				continue
			}
			seen[name] = path.Join(dir, name)
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = seen[name]
	}
	return names
}

// globbed is what a file sets a key to. A line that names it goes before one
// with a pattern like net.ipv4.tcp_* (sysctl.d(5)).
func (c *conf) globbed(key string) (string, bool) {
	if v, ok := c.value(key); ok {
		return v, true
	}
	file := strings.ReplaceAll(key, ".", "/")
	for _, s := range slices.Backward(c.stanzas) {
		if ok, err := path.Match(strings.ReplaceAll(s.key, ".", "/"), file); ok && err == nil {
			return s.value, true
		}
	}
	return "", false
}
