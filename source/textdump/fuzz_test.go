package textdump

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
)

// seeds are texts of testdata/world, each cut to its first lines.
func seeds(tb testing.TB, pattern string, lines int) []string {
	tb.Helper()
	paths, err := filepath.Glob("testdata/world/" + pattern + ".txt.zst")
	if err != nil || len(paths) == 0 {
		tb.Fatal(pattern, err)
	}
	r, err := zstd.NewReader(nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var out []string
	for _, path := range paths {
		packed, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		text, err := r.DecodeAll(packed, nil)
		if err != nil {
			tb.Fatal(err)
		}
		all := strings.SplitAfter(string(text), "\n")
		out = append(out, strings.Join(all[:min(lines, len(all))], ""))
	}
	return out
}

// visible reports whether a terminal may be given s.
func visible(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// sound checks what must hold of a snapshot of any text.
func sound(t *testing.T, text string, s *source.Snapshot) {
	t.Helper()
	if n := len(s.Sockets) + len(s.Listeners) + len(s.Bound); n > strings.Count(text, "\n")+strings.Count(text, "\x00\n")+1 {
		t.Errorf("%d sockets", n)
	}
	if int(s.States[source.StateListen]) != len(s.Listeners) || s.States.Total() != len(s.Sockets)+len(s.Listeners)+len(s.Bound) {
		t.Errorf("%v, %d, %d, %d", s.States, len(s.Sockets), len(s.Listeners), len(s.Bound))
	}
	words := append([]string{s.Host.Name, s.Host.Kernel}, s.Gaps...)
	for k, v := range s.Sysctls {
		words = append(words, k, v)
	}
	for _, p := range s.Processes {
		words = append(words, p.Name)
	}
	for _, w := range words {
		if !visible(w) {
			t.Errorf("not fit for a terminal: %q", w)
		}
	}
	for i := range s.Sockets {
		if k := &s.Sockets[i]; s.Remaining(k) < 0 {
			t.Errorf("%+v ends in the past", k)
		}
	}
}

// FuzzParse gives whole texts, which are mixed.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"ss-*", "netstat-*", "proc-*"} {
		for _, s := range seeds(f, pattern, 6) {
			f.Add(s)
		}
	}
	f.Add("$ cat /proc/sys/net/ipv4/ip_local_port_range\n32768\t60999\nnet.ipv4.tcp_tw_reuse = 0\n> ESTAB 0 0 [::1]:1 [::1]:2\n")
	f.Add("Linux web-3 6.18.44 #1 SMP\n==> /proc/sys/net/ipv4/tcp_tw_reuse <==\n2\n```\ntcp 0 0 127.0.0.1:40\n00 127.0.0.1:80 LISTEN\n")
	f.Add("\xff\xfeE\x00S\x00T\x00A\x00B\x00")
	f.Fuzz(func(t *testing.T, text string) {
		snap, err := Parse(strings.NewReader(text), Config{})
		if err != nil {
			if snap != nil || !visible(err.Error()) {
				t.Errorf("%v, %q", snap, err)
			}
			return
		}
		sound(t, text, snap)
		again, err := Parse(strings.NewReader(text), Config{})
		if err != nil || again.States != snap.States || len(again.Flows) != len(snap.Flows) {
			t.Errorf("not the same the second time: %v, %v, %v", err, again.States, snap.States)
		}
	})
}

// FuzzSniff holds that what is sniffed can be parsed, or has an error that says why.
func FuzzSniff(f *testing.F) {
	for _, s := range append(seeds(f, "*-*", 3), "", "Total: 136\nTCP:   28831 (estab 128", "\xfe\xff\x00s\x00s", "{\"schema\":1}") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		format, ok := Sniff(head)
		if ok != (format != FormatNone) {
			t.Errorf("%v, %v", format, ok)
		}
		if !ok || bytes.IndexByte(head, '\n') < 0 {
			return
		}
		if _, err := Parse(bytes.NewReader(head), Config{}); err == ErrNoTable {
			t.Errorf("%v, and no table", format)
		}
	})
}

// row fuzzes the parser of one row.
func row(f *testing.F, format Format, pattern string) {
	for _, text := range seeds(f, pattern, 100) {
		for l := range strings.Lines(text) {
			f.Add([]byte(strings.TrimSpace(l)))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := newParser(strings.NewReader(""), Config{})
		before := bytes.Clone(b)
		var e, again source.Entry
		fault := p.parse(format, b, &e)
		if !bytes.Equal(b, before) {
			t.Errorf("the line was changed to %q", b)
		}
		p.trying = true
		if second := p.parse(format, b, &again); second != fault || fault == "" && again != e {
			t.Errorf("first %q %+v, then %q %+v", fault, e, second, again)
		}
		if fault == "" && (e.State >= source.NumStates || e.Timer > source.TimerUnknown) {
			t.Errorf("got %+v", e)
		}
		if d := e.Detail; fault == "" && d.Has&source.HasInode == 0 && d.Inode != 0 {
			t.Errorf("got %+v", d)
		}
		for _, name := range p.facts.names {
			if !visible(name) || len([]rune(name)) > maxNameLen {
				t.Errorf("%q", name)
			}
		}
	})
}

func FuzzSS(f *testing.F)      { row(f, FormatSS, "ss-*") }
func FuzzNetstat(f *testing.F) { row(f, FormatNetstat, "netstat-*") }
func FuzzProc(f *testing.F)    { row(f, FormatProc, "proc-*") }

// FuzzLine holds what tidy and sysctl do to any line.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"> net.ipv4.tcp_tw_reuse = 1", "\x1b[31mESTAB", "net/ipv4/ip_local_port_range=1\t2", "/proc/sys/fs/file-max:9", ">> | x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := tidy(b)
		if !visible(strings.ReplaceAll(string(l.body), "\t", " ")) {
			t.Errorf("%q", l.body)
		}
		if key, _, ok := sysctl(l.body); ok && (len(key) > maxKeyLen || !isKey(key)) {
			t.Errorf("%q", key)
		}
		p := newParser(strings.NewReader(""), Config{})
		if k := p.classify(l.body, true); k.at > len(l.body) || k.is == isRow && k.format == FormatNone {
			t.Errorf("%+v", k)
		}
	})
}
