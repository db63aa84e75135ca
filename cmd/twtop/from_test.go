package main

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
)

// began is when the recorded runs out of ports began.
var began = time.Date(2026, 11, 21, 23, 59, 0, 250e6, time.UTC)

// outage is a capture of a minute and a half: 100 ports, of which a client takes
// two a second and leaves them in TIME_WAIT, until none is left after 50 s.
func outage(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := capture.NewWriter(&out, capture.Header{Tool: "twtop test", Began: began})
	if err != nil {
		t.Fatal(err)
	}
	b := source.NewBuilder()
	for second := range 90 {
		b.Begin(source.Frame{Clock: uint32(1_000_000 + 1000*second), Range: source.PortRange{Low: 20000, High: 20099}, RangeKnown: true})
		for port := range min(2*second, 100) {
			age := 1000 * (second - port/2)
			if age > 60_000 {
				continue
			}
			b.Add(&source.Entry{
				Local: source.AddrFrom(netip.MustParseAddr("127.0.0.1")), Remote: source.AddrFrom(netip.MustParseAddr("127.0.0.1")),
				LocalPort: uint16(20000 + port), RemotePort: 4001, State: source.StateTimeWait, Timer: source.TimerTimeWait,
				Expires: uint32(60_000 - age),
			})
		}
		s := b.Finish()
		s.Taken, s.Kind = began.Add(time.Duration(second)*time.Second), source.KindLive
		s.Sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "0", "net.ipv4.tcp_timestamps": "1"}
		s.Host = source.Host{Name: "web-3", Kernel: "6.18.44"}
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func saved(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reported assesses a file, or what comes through a pipe.
func reported(t *testing.T, name string, stdin *os.File, at string) (used int, headline string, gaps []string, err error) {
	t.Helper()
	var m moment
	if at != "" {
		if err := m.Set(at); err != nil {
			t.Fatal(err)
		}
	}
	r, err := openRecording(context.Background(), name, stdin)
	if err != nil {
		return 0, "", nil, err
	}
	defer r.Close()
	report, err := r.report(context.Background(), m)
	if err != nil {
		return 0, "", nil, err
	}
	if len(report.Destinations) > 0 {
		used = report.Destinations[0].Ports.Used
	}
	return used, report.Headline.Text, report.Gaps, nil
}

func piped(t *testing.T, content []byte) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	go func() {
		_, _ = w.Write(content)
		_ = w.Close()
	}()
	return r
}

// TestFromCapture looks at several moments, from a file and through a pipe.
func TestFromCapture(t *testing.T) {
	content := outage(t)
	file := saved(t, "outage.twtop", content)
	for at, want := range map[string]int{
		"":                             42, // in the 90th second, those of the first 29 have come back
		"0":                            0,
		"10s":                          20,
		"10.9":                         20,
		"0.5m":                         60,
		"50":                           100,
		"23:59:00":                     0,
		"23:59:30":                     58, // the frame of 23:59:29.25
		"00:00:20":                     62,
		"2026-11-21T23:59:40Z":         78,
		"2026-11-22T00:59:40.25+01:00": 80,
		"2026-11-21 23:59:40":          78,
	} {
		for _, way := range []string{file, "-"} {
			used, _, gaps, err := reported(t, way, piped(t, content), at)
			if err != nil || used != want || len(gaps) > 0 {
				t.Errorf("at %q of %s: %d in use, want %d; gaps %q; %v", at, way, used, want, gaps, err)
			}
		}
	}
}

// TestFromCaptureRemembers: what was wanted before the outage is known in it.
func TestFromCaptureRemembers(t *testing.T) {
	file := saved(t, "outage.twtop", outage(t))
	r, err := openRecording(context.Background(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var at moment
	_ = at.Set("58s")
	report, err := r.report(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	d := &report.Destinations[0]
	if d.Ports.Free != 0 || d.Demand == nil || d.Demand.PerSecond < 1.5 || report.Change == nil {
		t.Errorf("free %d, demand %+v, change %v", d.Ports.Free, d.Demand, report.Change)
	}
	if h := report.Headline.Text; !strings.Contains(h, "has no local port left") {
		t.Errorf("%q", h)
	}
}

func TestFromOutOfRange(t *testing.T) {
	file := saved(t, "outage.twtop", outage(t))
	for _, at := range []string{"90s", "2m", "12:00", "2026-11-21 23:58:59", "2026-11-22 00:00:30", "2030-01-01T00:00:00Z"} {
		_, _, _, err := reported(t, file, nil, at)
		if err == nil || !strings.Contains(err.Error(), "the capture is 1m29s long, 2026-11-21 23:59:00 to 2026-11-22 00:00:29 UTC") {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

// TestFromDamaged: what is left of a capture is shown, and what is not is said.
func TestFromDamaged(t *testing.T) {
	content := outage(t)
	cut := saved(t, "cut.twtop", content[:len(content)-7])
	if used, _, gaps, err := reported(t, cut, nil, ""); err != nil || used == 0 || len(gaps) != 1 || !strings.Contains(gaps[0], "cut off at byte") {
		t.Errorf("cut off: %d in use, %q, %v", used, gaps, err)
	}
	header, err := capture.NewWriter(new(bytes.Buffer), capture.Header{Tool: "twtop test", Began: began})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"no frame":        {content[:header.Written()], "the capture has no frame: record another"},
		"cut first frame": {content[:header.Written()+20], "the capture has no frame (it was cut off at byte"},
		"cut header":      {content[:20], "capture"},
		"CRLF":            {bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), "line ends were changed"},
		"gzip":            {[]byte("\x1f\x8b\x08\x00etc."), "`gzip -dc FILE | twtop snapshot --from -`"},
		"zstd":            {[]byte("\x28\xb5\x2f\xfdetc."), "zstd -dc"},
		"no text":         {[]byte("good morning\n"), "no table of sockets"},
		"nothing":         {nil, "no table of sockets"},
	} {
		t.Run(name, func(t *testing.T) {
			file := saved(t, "bad", c.content)
			for way, from := range map[string]string{file: file, "standard input": "-"} {
				_, _, _, err := reported(t, from, piped(t, c.content), "")
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), way+": ") {
					t.Errorf("%s: %v", way, err)
				}
			}
		})
	}
}

// TestFromBitFlips: whatever is damaged, there is a report or an error, no panic.
func TestFromBitFlips(t *testing.T) {
	t.Parallel()
	content := outage(t)
	for i := 0; i < len(content); i += max(len(content)/300, 1) {
		bad := bytes.Clone(content)
		bad[i] ^= 0x41
		file := saved(t, "flipped", bad)
		_, _, _, err := reported(t, file, nil, "")
		if err != nil && !strings.Contains(err.Error(), file) {
			t.Errorf("byte %d: the error does not say which file: %v", i, err)
		}
	}
}

func TestFromText(t *testing.T) {
	var text strings.Builder
	text.WriteString("State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n")
	for port := range 30 {
		fmt.Fprintf(&text, "TIME-WAIT 0 0 127.0.0.1:%d 127.0.0.1:4001 timer:(timewait,%dsec,0)\n", 32768+port, port+10)
	}
	made := time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	file := saved(t, "ss.txt", []byte(text.String()))
	if err := os.Chtimes(file, made, made); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{file, "-"} {
		r, err := openRecording(context.Background(), way, piped(t, []byte(text.String())))
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.report(context.Background(), moment{})
		if err != nil || report.Destinations[0].Ports.Used != 30 {
			t.Errorf("%s: %v", way, err)
		}
		if taken := report.Snapshot.Taken; way == file && !taken.Equal(made) || way == "-" && time.Since(taken) > time.Minute {
			t.Errorf("%s was made at %v", way, taken)
		}
		_, err = r.report(context.Background(), moment{given: true, text: "5s"})
		if err == nil || !strings.Contains(err.Error(), "holds one moment") {
			t.Errorf("a moment of a text: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFromInterrupted: a pipe into which nobody writes is left at once.
func TestFromInterrupted(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer stop()
	start := time.Now()
	if _, err := openRecording(ctx, "-", r); err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestInterruptiblePassesPanicsOn(t *testing.T) {
	err := interruptible(context.Background(), func() error { panic(defect) })
	if bug, ok := err.(*source.PanicError); !ok || bug.Value != defect {
		t.Errorf("%v", err)
	}
}

func TestMoment(t *testing.T) {
	for _, bad := range []string{"", "x", "-5s", "NaN", "Inf", "25:00", "2026-13-01 00:00", "12:00:61", "1e300"} {
		var m moment
		if err := m.Set(bad); err == nil {
			t.Errorf("%q was taken for %+v", bad, m)
		}
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]size{"200MB": 200e6, "64KiB": 65536, "1g": 1e9, "1.5 mb": 1.5e6, "1000": 1000, "7B": 7, "2GiB": 2 << 30, "9k": 9000} {
		var z size
		if err := z.Set(in); err != nil || z != want {
			t.Errorf("%q: %d, %v", in, z, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "x", "MB", "1TB", "NaN", "1e30", "Inf", "0.1", "5 0"} {
		var z size
		if err := z.Set(in); err == nil {
			t.Errorf("%q was taken for %d", in, z)
		}
	}
}
