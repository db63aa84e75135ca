package procnet

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// little parses text of a little-endian kernel, on any machine.
func little(t *testing.T, text string) ([]source.Entry, TCPTable) {
	t.Helper()
	var out []source.Entry
	table, err := parseTCP(strings.NewReader(text), littleEndian, func(e *source.Entry) bool { out = append(out, *e); return true })
	if err != nil {
		t.Error(err)
	}
	return out, table
}

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// line shows what is known of an entry.
func line(e *source.Entry) string {
	d := &e.Detail
	s := fmt.Sprintf("%v %v:%d %v:%d %v %d", e.State, e.Local.IP(), e.LocalPort, e.Remote.IP(), e.RemotePort, e.Timer, e.Expires)
	if d.Has&source.HasQueues != 0 {
		s += fmt.Sprintf(" q%d,%d", d.RecvQ, d.SendQ)
	}
	if d.Has&source.HasInode != 0 {
		s += fmt.Sprintf(" ino%d", d.Inode)
	}
	if d.Has&source.HasUID != 0 {
		s += fmt.Sprintf(" uid%d", d.UID)
	}
	if d.Has&source.HasRetrans != 0 {
		s += fmt.Sprintf(" re%d", d.Retrans)
	}
	return s
}

func TestRecordedTCP(t *testing.T) {
	want4 := `LISTEN 127.0.0.1:4001 0.0.0.0:0  0 ino23725402 uid0 re0
SYN-RECV 127.0.0.1:4001 127.0.0.1:40670 on 1810 uid0 re1
CLOSE-WAIT 127.0.0.1:4001 127.0.0.1:40660  0 q0,0 ino23725421 uid0 re0
ESTAB 127.0.0.1:4001 127.0.0.1:40624  0 q5,0 ino23725405 uid0 re0
ESTAB 127.0.0.1:4001 127.0.0.1:40634  0 q0,0 ino23725407 uid0 re0
ESTAB 127.0.0.1:40624 127.0.0.1:4001  0 q0,0 ino23725404 uid0 re0
ESTAB 127.0.0.1:40634 127.0.0.1:4001 keepalive 7198790 q0,0 ino23725406 uid0 re0
TIME-WAIT 127.0.0.1:40636 127.0.0.1:4001 timewait 58790
FIN-WAIT-2 127.0.0.1:40650 127.0.0.1:4001  0 q0,0 ino23725418 uid0 re0
FIN-WAIT-2 127.0.0.1:40660 127.0.0.1:4001 timewait 58790
SYN-SENT 127.0.0.1:40670 127.0.0.1:4001 on 810 q0,1 ino23725422 uid0 re1
ESTAB 127.0.0.1:40680 127.0.0.1:4001  0 q0,0 ino23725424 uid1000 re0
ESTAB 127.0.0.1:4001 127.0.0.1:40680  0 q0,0 ino0 uid0 re0
CLOSE-WAIT 127.0.0.1:4001 127.0.0.1:40650  0 q0,0 ino23725419 uid0 re0
ESTAB 127.0.0.1:52714 127.0.0.1:4002  0 q0,0 ino23725408 uid0 re0`
	want6 := `LISTEN :::4002 :::0  0 ino23725403 uid0 re0
SYN-RECV ::1:4002 ::1:39024 on 1810 uid0 re1
ESTAB ::1:39004 ::1:4002  0 q0,0 ino23725410 uid0 re0
TIME-WAIT ::1:39010 ::1:4002 timewait 58790
SYN-SENT ::1:39024 ::1:4002 on 810 q0,1 ino23725423 uid0 re1
ESTAB 127.0.0.1:4002 127.0.0.1:52714  0 q0,0 ino23725409 uid0 re0
ESTAB ::1:4002 ::1:39004  0 q0,0 ino23725411 uid0 re0
TIME-WAIT 127.0.0.1:4002 127.0.0.1:52724 timewait 58780`
	for name, want := range map[string]string{"tcp": want4, "tcp6": want6} {
		entries, table := little(t, file(t, recorded.Root+"/thread-self/net/"+name))
		var got []string
		for i := range entries {
			got = append(got, line(&entries[i]))
			if e := &entries[i]; e.Mini() && e.Detail != (source.Detail{}) {
				t.Errorf("a mini-socket has %+v", e.Detail)
			}
		}
		if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" || table != (TCPTable{Sockets: len(got)}) {
			t.Errorf("%s: %+v\n%s", name, table, diff)
		}
	}
}

func TestEvidence(t *testing.T) {
	for name, want := range map[string]source.StateCounts{
		"nginx-upstream":  {source.StateListen: 2, source.StateEstablished: 8, source.StateTimeWait: 14},
		"close-wait-leak": {source.StateListen: 1, source.StateCloseWait: 10, source.StateFinWait2: 10},
	} {
		entries, table := little(t, file(t, "testdata/evidence/"+name+".tcp"))
		var got source.StateCounts
		for i := range entries {
			got[entries[i].State]++
		}
		if got != want || table.Bad != 0 {
			t.Errorf("%s: got %v, %d bad, want %v", name, got, table.Bad, want)
		}
	}
}

const good = "   0: 0100007F:9EB0 0100007F:0FA1 01 00000002:00000005 01:000000B5 00000003  1000        4 2048 1 00000000"

func TestBigEndian(t *testing.T) {
	text := strings.ReplaceAll(good, "0100007F", "7F000001") + "\n" +
		"1: 20010DB8000000000000000000000001:0FA1 00000000000000000000FFFF0A000001:0050 01 00000000:00000000 00:00000000 00000000 0 0 7\n"
	var got []string
	_, err := parseTCP(strings.NewReader(text), bigEndian, func(e *source.Entry) bool { got = append(got, line(e)); return true })
	want := []string{
		"ESTAB 127.0.0.1:40624 127.0.0.1:4001 on 1810 q5,2 ino2048 uid1000 re3",
		"ESTAB 2001:db8::1:4001 10.0.0.1:80  0 q0,0 ino7 uid0 re0",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestBadLines holds that what is no socket is counted and passed over.
func TestBadLines(t *testing.T) {
	for name, bad := range map[string]string{
		"cut":                     good[:60],
		"no colon":                strings.Replace(good, "0:", "0", 1),
		"a short address":         strings.Replace(good, "0100007F:9EB0", "01007F:9EB0", 1),
		"a longer address":        strings.Replace(good, "0100007F:9EB0", "0100007F0000:9EB0", 1),
		"no port":                 strings.Replace(good, ":9EB0", "", 1),
		"a port too long":         strings.Replace(good, ":9EB0", ":9EB0F", 1),
		"no hexadecimal":          strings.Replace(good, "9EB0", "9EG0", 1),
		"no hexadecimal address":  strings.Replace(good, "0100007F:9EB0", "01000Z7F:9EB0", 1),
		"a state too long":        strings.Replace(good, " 01 ", " 001 ", 1),
		"a uid that is a word":    strings.Replace(good, " 1000 ", " root ", 1),
		"a negative inode":        strings.Replace(good, " 2048 ", " -2 ", 1),
		"an inode without an end": strings.Replace(good, " 2048 ", strings.Repeat("9", 40), 1),
		"a control character":     strings.Replace(good, " 01 ", "\x0001 ", 1),
		"too long":                strings.Repeat("9", 3*maxLine),
	} {
		entries, table := little(t, "  sl  local\n"+good+"\n"+bad+"\n\n"+good)
		if len(entries) != 2 || table != (TCPTable{Sockets: 2, Bad: 1}) {
			t.Errorf("%s: %+v", name, table)
		}
	}
}

// TestTCPStops holds that a reader who has enough is not given more.
func TestTCPStops(t *testing.T) {
	n := 0
	table, err := parseTCP(strings.NewReader(strings.Repeat(good+"\n", 5)), littleEndian, func(*source.Entry) bool {
		n++
		return n < 2
	})
	if n != 2 || table != (TCPTable{Sockets: 2}) || err != nil {
		t.Errorf("%d emitted, %+v, %v; want 2", n, table, err)
	}
}

// TestOddValues holds what is kept of values that no kernel of today prints.
func TestOddValues(t *testing.T) {
	entries, _ := little(t, strings.NewReplacer(
		" 01 ", " EE ", " 01:000000B5", " 63:0000000120000000", " 00000003 ", " 00000FFF ",
		" 1000 ", " 4294967294 ", " 2048 ", " 99999999999 ").Replace(good))
	if len(entries) != 1 {
		t.Fatal("no socket")
	}
	e := &entries[0]
	if e.State != 0xee || e.Timer != source.TimerUnknown || e.Expires != (1<<32-1)/10*10 ||
		e.Detail.Retrans != 255 || e.Detail.UID != 1<<32-2 || e.Detail.Inode != 1<<32-1 {
		t.Errorf("got %+v", e)
	}
}

// TestTCPDoesNotAllocatePerSocket compares a long table with a short one.
func TestTCPDoesNotAllocatePerSocket(t *testing.T) {
	allocs := func(n int) float64 {
		text := strings.Repeat(good+"\n", n)
		return testing.AllocsPerRun(10, func() {
			if _, err := ParseTCP(strings.NewReader(text), func(*source.Entry) bool { return true }); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocs(10), allocs(5000); many > few {
		t.Errorf("%v allocations for 10 sockets, %v for 5000", few, many)
	}
}
