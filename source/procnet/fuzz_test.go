package procnet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

func FuzzNetTCP(f *testing.F) {
	for _, name := range []string{
		recorded.Root + "/thread-self/net/tcp", recorded.Root + "/thread-self/net/tcp6",
		"testdata/evidence/nginx-upstream.tcp", "testdata/evidence/close-wait-leak.tcp",
	} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		table, err := parseTCP(strings.NewReader(text), littleEndian, func(e *source.Entry) bool {
			n++
			if e.Timer > source.TimerUnknown || e.Mini() && e.Detail != (source.Detail{}) {
				t.Errorf("got %+v", e)
			}
			return true
		})
		if err != nil || n != table.Sockets || n+table.Bad > strings.Count(text, "\n")+1 {
			t.Errorf("%d sockets, %+v, %v", n, table, err)
		}
	})
}

// FuzzReservedPorts holds that what is understood can be said again.
func FuzzReservedPorts(f *testing.F) {
	for _, s := range []string{"", "80,3000-3010", "0-65535", "40000,50000-50010,60000", "5-3", ",,1-1,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		set, err := ParsePorts(s)
		if err != nil {
			if set.Len() != 0 {
				t.Errorf("%q: ports in spite of %v", s, err)
			}
			return
		}
		var items []string
		for _, r := range set.Ranges() {
			items = append(items, strings.ReplaceAll(r.String(), "–", "-"))
		}
		again, err := ParsePorts(strings.Join(items, ","))
		if err != nil || again != set {
			t.Errorf("%q is %v and then not the same: %v", s, items, err)
		}
	})
}

// FuzzTables holds that no counter file can do harm.
func FuzzTables(f *testing.F) {
	for _, name := range []string{"sockstat", "sockstat6", "protocols", "netstat", "snmp"} {
		f.Add(file(f, recorded.Root+"/thread-self/net/"+name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a *uint64
		_ = new(SockStat).parse(strings.NewReader(text))
		_ = mibs{"TcpExt TWRecycled": &a, "Tcp ActiveOpens": &a}.parse(strings.NewReader(text))
		if list, _ := parseProtocols(strings.NewReader(text)); len(list) > maxProtocols {
			t.Errorf("%d protocols", len(list))
		}
	})
}

// FuzzSysctlKey holds that no key reads a file outside sys.
func FuzzSysctlKey(f *testing.F) {
	root := f.TempDir()
	for _, name := range []string{"sys/net/a", "secret"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(filepath.Base(name)), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	for _, key := range []string{"net.a", "../secret", "..secret", "net...secret", "net.a\x00"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if v, ok, _ := (FS{Root: root}).Sysctl(key); ok && (v != "a" || key != "net.a") {
			t.Errorf("%q: got %q", key, v)
		}
	})
}
