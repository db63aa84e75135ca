package inetdiag

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// recordedSeq is the sequence number of every recording.
const recordedSeq = 0x7477

// maxRecording bounds a recording in bytes.
const maxRecording = 1 << 20

// save writes datagrams, each behind its length in four little-endian bytes.
func save(name string, datagrams [][]byte) error {
	var b []byte
	for _, d := range datagrams {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(d)))
		b = append(b, d...)
	}
	return os.WriteFile(recordingPath(name), b, 0o644)
}

func recordingPath(name string) string { return filepath.Join("testdata", name+".dump") }

// recording reads what save wrote. The bytes are those of a little-endian
// kernel: a big-endian machine cannot read them, and has the tests of
// parser_test.go, which speak its own order.
func recording(t testing.TB, name string) (datagrams [][]byte) {
	t.Helper()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		if os.Getenv("CI") != "" {
			t.Fatal("the recordings are those of a little-endian kernel: run CI on such a one")
		}
		t.Skip("the recordings are those of a little-endian kernel")
	}
	b, err := os.ReadFile(recordingPath(name))
	if err != nil || len(b) > maxRecording {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	for len(b) > 0 {
		n := 4 + int(binary.LittleEndian.Uint32(b))
		datagrams = append(datagrams, b[4:n:n])
		b = b[n:]
	}
	return datagrams
}

const allAndBound = AllStates | 1<<source.StateBoundInactive

// recordings are the files in testdata and what was asked.
var recordings = []struct {
	name string
	r    Request
}{
	{"compat", Request{Compat: true, States: allAndBound, Ext: ExtInfo}},
	{"family4", Request{Family: FamilyIPv4, States: allAndBound, Ext: ExtInfo}},
	{"family6", Request{Family: FamilyIPv6, States: allAndBound, Ext: ExtInfo}},
	{"compat-bare", Request{Compat: true, States: AllStates}},
}

// TestRecordings decodes what a kernel once said; see testdata/README.md.
func TestRecordings(t *testing.T) {
	for _, rec := range recordings {
		t.Run(rec.name, func(t *testing.T) {
			lookAll(t, rec.r, agree(t, recordedSeq, recording(t, rec.name)...))
		})
	}
}

// lookAll looks for everything that the answer to r should have. The world
// was recorded where INET_DIAG_CGROUP_ID is built in.
func lookAll(t *testing.T, r Request, v verdict) {
	t.Helper()
	var fields source.Has
	if r.Ext&ExtInfo != 0 {
		fields = source.HasInfo
	}
	look(t, r, v, sights(fields))
	if r.States&source.StateBoundInactive.Mask() != 0 {
		look(t, r, v, boundSights)
	}
}

// TestRecordedOptions holds what the recorded kernel said beyond the states:
// timestamps, a cgroup, and times of the right size.
func TestRecordedOptions(t *testing.T) {
	full := 0
	for _, e := range parse(recordedSeq, recording(t, "compat")...).entries {
		d := &e.Detail
		if e.State != source.StateEstablished {
			continue
		}
		full++
		if d.Has&source.HasCgroup == 0 || d.Cgroup == 0 || d.Options&source.OptTimestamps == 0 ||
			d.RTT == 0 || d.RTT > 1e6 || d.LastAckRecv > 10_000 {
			t.Errorf("got %+v", d)
		}
	}
	if full < 6 {
		t.Errorf("only %d established", full)
	}
}

// messages cuts datagrams into messages with their padding.
func messages(t testing.TB, datagrams [][]byte) (out [][]byte) {
	t.Helper()
	for _, b := range datagrams {
		for len(b) > 0 {
			n := align(int(native.Uint32(b)))
			if n > len(b) {
				t.Fatal(fmt.Errorf("a message of %d bytes in %d", n, len(b)))
			}
			out, b = append(out, b[:n:n]), b[n:]
		}
	}
	return out
}
