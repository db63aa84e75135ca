package capture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// FuzzReader reads whatever there is, as a file and as a stream, and lets it
// be diagnosed.
func FuzzReader(f *testing.F) {
	_, file := recorded(f, 1, 3)
	f.Add(file)
	f.Add(file[:len(file)-7])
	f.Add([]byte(capture.Magic))
	f.Add(crafted('K', packed(nil)))
	f.Fuzz(func(t *testing.T, file []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		s, errStream := capture.Follow(ctx, bytes.NewReader(file), 1<<20)
		r, err := capture.Open(bytes.NewReader(file))
		if (err == nil) != (errStream == nil) {
			t.Fatalf("a file: %v; a stream: %v", err, errStream)
		}
		if err != nil {
			return
		}
		defer s.Close()
		defer r.Close()
		var a diagnosis.Assessor
		for p := r.Play(0); ; {
			snap, err := p.Read(ctx)
			if errors.Is(err, source.ErrFinal) {
				break
			}
			if err == nil {
				a.Assess(snap)
			} else if !strings.Contains(err.Error(), "byte ") {
				t.Fatalf("%v: it does not say where", err)
			}
		}
		allOf(t, s)
		if s.Len() != r.Len() {
			t.Fatalf("%d frames as a file, %d as a stream", r.Len(), s.Len())
		}
	})
}

// FuzzSections gives two frames of sections to the decoder. What it makes of
// them can be recorded, and read again.
func FuzzSections(f *testing.F) {
	for seed := range uint64(3) {
		for _, parts := range sectionsOf(f, seed) {
			f.Add(parts[0], parts[1])
		}
	}
	f.Fuzz(func(t *testing.T, key, delta []byte) {
		file := crafted('K', packed(key))
		body := packed(delta)
		file = append(binary.AppendUvarint(append(file, 'D'), uint64(len(body))), body...)
		r := open(t, file)
		var a diagnosis.Assessor
		var all []*source.Snapshot
		for i := range r.Len() {
			s, err := r.Frame(i)
			if err != nil {
				break
			}
			a.Assess(s)
			s.Kind = s.Origin
			all = append(all, s)
		}
		again := open(t, record(t, all))
		for i := range all {
			if diff := difference(all[i], frame(t, again, i)); diff != "" && !hasTwins(all[i]) {
				t.Fatalf("frame %d, recorded again: %s", i, diff)
			}
		}
	})
}

// hasTwins reports whether two flows are one, which no Builder makes.
func hasTwins(s *source.Snapshot) bool {
	seen := map[source.Flow]bool{}
	for i := range s.Flows {
		f := &s.Flows[i]
		k := source.Flow{Local: f.Local, Remote: f.Remote, Port: f.Port, Device: f.Device, Role: min(f.Role, 1)}
		if seen[k] {
			return true
		}
		seen[k] = true
	}
	return false
}

// sectionsOf are the unpacked key frame and delta of a small world.
func sectionsOf(f *testing.F, seed uint64) (out [][2][]byte) {
	_, file := recorded(f, seed, 2)
	var frames [2][]byte
	for at, n := len(capture.Magic), 0; at < len(file); n++ {
		size, used := binary.Uvarint(file[at+1:])
		body := file[at+1+used : at+1+used+int(size)]
		if n > 0 {
			_, moment := binary.Varint(body)
			frames[n-1] = unpacked(f, body[moment:])
		}
		at += 1 + used + int(size)
	}
	return append(out, frames)
}

// FuzzHeader reads headers.
func FuzzHeader(f *testing.F) {
	f.Add([]byte(`{"version":1,"tool":"twtop 1","interval":"1s","host":"a"}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"began":"2026-01-01T00:00:00Z","host":"\u001b[31m"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		file := append(binary.AppendUvarint([]byte(capture.Magic+"H"), uint64(len(body))), body...)
		r, err := capture.Open(bytes.NewReader(file))
		if err != nil {
			return
		}
		h := r.Header()
		for _, s := range []string{h.Tool, h.Host, h.Kernel, h.NetNS, h.About} {
			if strings.ContainsAny(s, "\x1b\x00\r\n\u202e") {
				t.Errorf("%q", s)
			}
		}
		if h.Version != capture.Version || h.Interval < 0 {
			t.Errorf("%+v", h)
		}
	})
}

// FuzzRecords gives records of any kind and length to the scanner.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("K\x01\x02D\x01\x02"))
	f.Add([]byte("X\x03abcK\x02\x01\x01"))
	f.Add([]byte("K\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	head := crafted('X', nil)
	f.Fuzz(func(t *testing.T, records []byte) {
		file := append(bytes.Clone(head), records...)
		r := open(t, file)
		s := follow(t, file, 1<<20)
		allOf(t, s)
		if r.Len() != s.Len() || r.Len() > len(records) {
			t.Fatalf("%d frames as a file, %d as a stream: %q, %q", r.Len(), s.Len(), r.Note(), s.Note())
		}
		for i := range r.Len() {
			if r.Taken(i) != s.Taken(i) {
				t.Fatalf("frame %d: %v, %v", i, r.Taken(i), s.Taken(i))
			}
			r.At(r.Taken(i))
		}
	})
}
