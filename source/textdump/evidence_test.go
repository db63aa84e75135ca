package textdump_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/textdump"
)

// evidence reads a file of testdata/evidence, which may be packed.
func evidence(t testing.TB, name string) []byte {
	t.Helper()
	return packed(t, "testdata/evidence/"+name)
}

// packed reads a file, or the same with .zst behind its name.
func packed(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		b, err = os.ReadFile(path + ".zst")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return b
	}
	r, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return b
}

// paste is the texts of an incident after one another.
func paste(t testing.TB, incident string, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		b.Write(evidence(t, incident+"/"+name))
	}
	return b.String()
}

func parse(t testing.TB, text string) *source.Snapshot {
	t.Helper()
	snap, err := textdump.Parse(strings.NewReader(text), textdump.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}
func TestTmp(t *testing.T) {
	for _, d := range []string{"close-wait-leak", "nginx-upstream", "nonloopback", "python-loop"} {
		for _, f := range []string{"ss-tano.txt", "netstat-tnao.txt", "proc_net_tcp.txt", "ss-ltnp.txt"} {
			if d == "python-loop" && f == "proc_net_tcp.txt" {
				continue
			}
			s := parse(t, paste(t, d, f, "sysctl-key.txt"))
			t.Log(d, f, s.States, len(s.Listeners), len(s.Flows), s.RangeKnown, s.Gaps)
		}
		s := parse(t, paste(t, d, "ss-tano.txt", "netstat-tnao.txt", "sysctl-key.txt"))
		t.Log(d, s.States, len(s.Listeners), len(s.Flows), s.RangeKnown, s.Gaps)
	}
}
