package capture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
)

// TestCutAnywhere: of a capture that ends at any byte, whole frames are there,
// and it says so; as a file and as a stream.
func TestCutAnywhere(t *testing.T) {
	live, file := recorded(t, 1, 4)
	whole, most := 0, 0
	for cut := range file {
		part := file[:cut:cut]
		r, err := capture.Open(bytes.NewReader(part))
		if err != nil {
			if cut > 200 {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			continue
		}
		if r.Len() < most || r.Len() > most+1 {
			t.Fatalf("cut at %d: %d frames, and %d before", cut, r.Len(), most)
		}
		if most = r.Len(); r.Note() == "" {
			whole++
		} else if !strings.Contains(r.Note(), "byte ") {
			t.Fatalf("cut at %d: %q", cut, r.Note())
		}
		if cut%61 == 0 || cut > len(file)-40 {
			s, err := capture.Follow(context.Background(), bytes.NewReader(part), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			allOf(t, s)
			if s.Len() != r.Len() || s.Note() != r.Note() {
				t.Fatalf("cut at %d: a stream has %d frames, %q", cut, s.Len(), s.Note())
			}
			for i := range r.Len() {
				same(t, fmt.Sprint("cut at ", cut), live[i], frame(t, r, i))
			}
		}
		r.Close()
	}
	if whole != 4 || most != 3 {
		t.Errorf("%d cuts between frames, of 4; at most %d frames", whole, most)
	}
}

// TestFlippedBits: whatever is damaged, what is shown is what was recorded, or
// an error with its place.
func TestFlippedBits(t *testing.T) {
	live, file := recorded(t, 2, 4)
	caught := 0
	for i := len(capture.Magic); i < len(file); i++ {
		bad := bytes.Clone(file)
		bad[i] ^= 1 << (i % 8)
		r, err := capture.Open(bytes.NewReader(bad))
		if err != nil {
			continue
		}
		for n := range r.Len() {
			s, err := r.Frame(n)
			if err != nil {
				if !strings.Contains(err.Error(), "byte ") {
					t.Fatalf("byte %d: %v", i, err)
				}
				caught++
				continue
			}
			ok := false
			for _, l := range live {
				ok = ok || difference(l, s) == ""
			}
			if !ok {
				t.Fatalf("byte %d flipped: frame %d is none that was recorded: %s", i, n, difference(live[n], s))
			}
		}
		r.Close()
	}
	if caught < len(file)/2 {
		t.Errorf("%d errors for %d flips", caught, len(file))
	}
}

func TestAfterADamagedFrame(t *testing.T) {
	live, file := recorded(t, 4, 300)
	byTime := map[time.Time]*source.Snapshot{}
	for _, s := range live {
		byTime[s.Taken.UTC().Round(0)] = s
	}
	bad := bytes.Clone(file)
	for i := len(file) / 6; i < len(file)/6+40; i++ {
		bad[i] ^= 0x55
	}
	p, good, errs := open(t, bad).Play(0), 0, 0
	for {
		s, err := p.Read(context.Background())
		if errors.Is(err, source.ErrFinal) {
			break
		}
		if err != nil {
			errs++
			continue
		}
		same(t, "after damage", byTime[s.Taken], s)
		good++
	}
	if good < 150 || errs == 0 || errs > 3 {
		t.Errorf("%d good frames, %d errors", good, errs)
	}
}

// crafted is a capture of one record.
func crafted(kind byte, body []byte) []byte {
	b := []byte(capture.Magic)
	h := []byte(`{"version":1,"interval":"1s"}`)
	b = append(binary.AppendUvarint(append(b, 'H'), uint64(len(h))), h...)
	return append(binary.AppendUvarint(append(b, kind), uint64(len(body))), body...)
}

func packed(sections []byte) []byte {
	e, _ := zstd.NewWriter(nil)
	return e.EncodeAll(sections, binary.AppendVarint(nil, 1000))
}

func section(tag, claim uint64, body []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, tag), claim), body...)
}

// TestBombs holds what hostile frames may make a reader allocate.
func TestBombs(t *testing.T) {
	zeros, million := make([]byte, 100<<20), []byte{}
	for range 1 << 20 {
		million = append(million, 0, 0, 1, 0) // empty rows
	}
	lying := packed([]byte("x"))
	for name, file := range map[string][]byte{
		"zeros":                     crafted('K', packed(zeros)),
		"a section of 2^60":         crafted('K', packed(section(4, 1<<60, zeros[:9]))),
		"a text of 2^60":            crafted('K', packed(section(12, 9, binary.AppendUvarint(nil, 1<<60)))),
		"2^60 rows":                 crafted('K', packed(section(4, 11, append([]byte{0, 0}, binary.AppendUvarint(nil, 1<<60)...)))),
		"2^60 rows kept":            crafted('K', packed(section(4, 11, append(append([]byte{0}, binary.AppendUvarint(nil, 1<<60)...), 0)))),
		"a million rows":            crafted('K', packed(section(4, uint64(len(million)), million))),
		"2^60 sockets of a flow":    crafted('K', packed(section(66, 13, append([]byte{0, 0, 0, 0}, binary.AppendUvarint(nil, 1<<60)...)))),
		"ranges of ports":           crafted('K', packed(section(3, 8<<20, bytes.Repeat([]byte{0, 0xff, 0xff, 3}, 2<<20)))),
		"no zstd":                   crafted('K', append(binary.AppendVarint(nil, 1), "hello"...)),
		"zstd that claims 2^60":     crafted('K', append(binary.AppendVarint(nil, 1), 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0, 0)),
		"zstd with a large window":  crafted('K', append(binary.AppendVarint(nil, 1), 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 1, 0, 0)),
		"zstd that is cut":          crafted('K', lying[:len(lying)-3]),
		"nothing":                   crafted('K', binary.AppendVarint(nil, 1)),
		"a million skippable bytes": crafted('K', append(binary.AppendVarint(nil, 1), append([]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 16, 0}, zeros[:1<<20]...)...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		r, err := capture.Open(bytes.NewReader(file))
		if err != nil || r.Len() != 1 {
			t.Fatalf("%s: %v, %d frames", name, err, r.Len())
		}
		s, err := r.Frame(0)
		r.Close()
		runtime.ReadMemStats(&after)
		if err == nil && (len(s.Sockets) > 0 || len(s.Listeners) > 0) {
			t.Errorf("%s: %d sockets, %d listeners", name, len(s.Sockets), len(s.Listeners))
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 64 || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %d MB, %v: %v", name, mb, time.Since(start), err)
		}
	}
}

func TestEndlessGroup(t *testing.T) {
	file := crafted('K', packed(nil))
	delta := packed(nil)
	for range 1000 {
		file = append(binary.AppendUvarint(append(file, 'D'), uint64(len(delta))), delta...)
	}
	r := open(t, file)
	if r.Len() > 256 || !strings.Contains(r.Note(), "after its key frame") {
		t.Errorf("%d frames; %s", r.Len(), r.Note())
	}
}

func TestHeaders(t *testing.T) {
	for body, want := range map[string]string{
		`{"version":99,"interval":{"a":1}}`: "version 99",
		`{"version":0}`:                     "version 0",
		`{}`:                                "version 0",
		`[]`:                                "header",
		`nonsense`:                          "header",
		`{"version":1,"interval":"soon"}`:   "header",
		`{"version":1e99}`:                  "header",
	} {
		file := append([]byte(capture.Magic), 'H', byte(len(body)))
		if _, err := capture.Open(bytes.NewReader(append(file, body...))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	for name, file := range map[string]string{
		"nothing": "", "text": "State Recv-Q Send-Q", "part of the magic": capture.Magic[:4], "another's": "\x89PNG\r\n\x1a\n 123",
	} {
		if _, err := capture.Open(strings.NewReader(file)); !errors.Is(err, capture.ErrNoCapture) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := capture.Follow(context.Background(), strings.NewReader(file), 1); !errors.Is(err, capture.ErrNoCapture) {
			t.Errorf("%s as a stream: %v", name, err)
		}
	}
	for _, file := range []string{capture.Magic, capture.Magic + "H", capture.Magic + "H\x20{}", capture.Magic + "K\x02ab", capture.Magic + "H\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", capture.Magic + "H\x00"} {
		if _, err := capture.Open(strings.NewReader(file)); err == nil || errors.Is(err, capture.ErrNoCapture) {
			t.Errorf("%q: %v", file, err)
		}
		if _, err := capture.Follow(context.Background(), strings.NewReader(file), 1); err == nil || errors.Is(err, capture.ErrNoCapture) {
			t.Errorf("%q as a stream: %v", file, err)
		}
	}
}

// TestNewerCaptures: what a later version adds is skipped.
func TestNewerCaptures(t *testing.T) {
	live, file := recorded(t, 6, 3)
	extra := append([]byte{'X'}, binary.AppendUvarint(nil, 3)...)
	extra = append(extra, "new"...)
	r := open(t, append(file, extra...))
	if r.Len() != 3 || r.Note() != "" {
		t.Fatalf("%d frames, %q", r.Len(), r.Note())
	}
	same(t, "last", live[2], frame(t, r, 2))
	s := open(t, crafted('K', packed(append(section(50, 3, []byte("new")), section(1000, 3, []byte("new"))...))))
	if _, err := s.Frame(0); err != nil {
		t.Error(err)
	}
}

func TestNamesAreCleaned(t *testing.T) {
	w := newWorld(1)
	s := w.look()
	evil := "a\x1b[31mb\u202ec\x00d\u200be\r\nf"
	s.Host = source.Host{Name: evil, Kernel: evil, NetNS: evil, BootID: evil}
	s.Gaps, s.Sysctls = []string{evil}, map[string]string{evil: evil}
	s.Processes = []source.Process{{Name: evil, User: evil}}
	var b bytes.Buffer
	out, err := capture.NewWriter(&b, capture.Header{Host: evil, Tool: evil, About: evil, Kernel: evil, NetNS: evil})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Write(s); err != nil {
		t.Fatal(err)
	}
	r := open(t, b.Bytes())
	got := fmt.Sprintf("%+v %+v", frame(t, r, 0), r.Header())
	if strings.ContainsAny(got, "\x1b\u202e\x00\u200b\r\n") {
		t.Errorf("%q", got)
	}
	if !strings.Contains(got, "Name:abcde f") {
		t.Errorf("%q", got)
	}
}

// oddReader breaks the contract of io.ReaderAt in some way.
type oddReader struct {
	io.ReaderAt
	odd func(n int, err error) (int, error)
}

func (r oddReader) ReadAt(b []byte, off int64) (int, error) { return r.odd(r.ReaderAt.ReadAt(b, off)) }

func TestOddReaders(t *testing.T) {
	live, file := recorded(t, 8, 3)
	for name, odd := range map[string]func(int, error) (int, error){
		"EOF with all bytes": func(n int, err error) (int, error) { return n, io.EOF },
		"nothing, no error":  func(int, error) (int, error) { return 0, nil },
		"less, no error":     func(n int, err error) (int, error) { return n / 2, nil },
		"more than there is": func(n int, err error) (int, error) { return n + 1000, err },
		"negative":           func(int, error) (int, error) { return -1, nil },
		"failing":            func(int, error) (int, error) { return 0, errors.New("EIO") },
	} {
		r, err := capture.Open(oddReader{bytes.NewReader(file), odd})
		if err != nil {
			continue
		}
		for i := range r.Len() {
			if s, err := r.Frame(i); err == nil {
				same(t, name, live[i], s)
			}
		}
	}
	r, err := capture.Open(oddReader{bytes.NewReader(file), func(n int, err error) (int, error) { return n, io.EOF }})
	if err != nil || r.Len() != 3 {
		t.Errorf("a reader that says EOF early: %v", err)
	}
	if _, err := capture.Follow(context.Background(), iotest.ErrReader(errors.New("EIO")), 1); err == nil || !strings.Contains(err.Error(), "EIO") {
		t.Errorf("a stream that fails: %v", err)
	}
	s, err := capture.Follow(context.Background(), io.MultiReader(bytes.NewReader(file), iotest.ErrReader(errors.New("EIO"))), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if allOf(t, s); s.Len() != 3 || s.Note() != "EIO" {
		t.Errorf("a stream that fails later: %d frames, %q", s.Len(), s.Note())
	}
}

// TestAMillionAlike: what honestly packs as well as a bomb is read.
func TestAMillionAlike(t *testing.T) {
	b := source.NewBuilder()
	b.Begin(source.Frame{Range: source.DefaultPortRange, Hint: 1 << 20})
	for i := range 1 << 20 {
		e := source.Entry{Local: loopback, LocalPort: uint16(i), Remote: source.AddrFromV4(0x7f000001), RemotePort: uint16(1 + i>>16), State: source.StateEstablished}
		e.Detail = source.Detail{Has: source.HasQueues | source.HasUID | source.HasInode | source.HasInfo, UID: 33, Inode: uint32(i)}
		b.Add(&e)
	}
	s := b.Finish()
	r := open(t, record(t, []*source.Snapshot{s, s}))
	for i := range 2 {
		if got := frame(t, r, i); len(got.Sockets) != 1<<20 || got.States != s.States {
			t.Errorf("%d sockets", len(got.Sockets))
		}
	}
}

func unpacked(t testing.TB, b []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := d.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
