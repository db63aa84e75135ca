package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplayOnATerminal plays a file: by time, by keys, to its end.
func TestReplayOnATerminal(t *testing.T) {
	file := saved(t, "outage.twtop", outage(t))
	x := open(t, 120, 40, false, nil, program(t), "replay", file, "--paused", "--at", "30s")
	x.shows("REPLAY paused", "23:59:30", "outage.twtop", "0:30 of 1:29", "TIMELINE", "127.0.0.1:4001")
	x.keys("\x1b[C") // →
	x.shows("0:31 of 1:29")
	x.keys("\x1b[1;2C") // Shift →
	x.shows("0:41 of 1:29")
	x.keys("h")
	x.shows("0:40 of 1:29")
	x.keys("]")
	x.shows("port-pressure becomes critical")
	x.keys("\x1b[F") // End
	x.shows("REPLAY end", "1:29 of 1:29", "the recording ends here")
	x.keys("\x1b[H") // Home
	x.shows("0:00 of 1:29")
	x.keys("++++ ") // max, and play
	x.shows("REPLAY end", "1:29 of 1:29")
	x.keys("x")
	x.shows("PLAN", "this is a recording")
	x.keys("x\r")
	x.shows("SYSCTL.D", "Made by twtop")
	x.keys("qqqq")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

// shell starts a pipeline in a terminal: $1 is the program, $2 a file.
func shell(t *testing.T, script, file string) *terminal {
	t.Helper()
	return open(t, 100, 30, false, nil, "sh", "-c", script, "sh", program(t), file)
}

// TestReplayOfAStream follows a stream, with keys from the terminal, and stays
// when it ends.
func TestReplayOfAStream(t *testing.T) {
	content := outage(t)
	dir := t.TempDir()
	fifo := filepath.Join(dir, "stream")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	x := shell(t, `cat "$2" | "$1" replay -`, fifo)
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	half := len(content) / 2
	if _, err := w.Write(content[:half]); err != nil {
		t.Fatal(err)
	}
	x.shows("REPLAY", "standard input", "the stream goes on", "TIMELINE")
	x.keys("}")
	x.shows("REPLAY follows", "follows the stream")
	if _, err := w.Write(content[half:]); err != nil {
		t.Fatal(err)
	}
	x.shows("1:29 of 1:29", "00:00:29")
	_ = w.Close()
	x.shows("REPLAY end", "the recording ends here")
	x.keys("{")
	x.shows("0:00 of 1:29")
	x.keys("q")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

// TestReplayOfWhatIsPiped: text, what was cut off, and what is hostile.
func TestReplayOfWhatIsPiped(t *testing.T) {
	var text strings.Builder
	for port := range 30 {
		fmt.Fprintf(&text, "TIME-WAIT 0 0 127.0.0.1:%d 127.0.0.1:4001 timer:(timewait,%dsec,0)\n", 32768+port, port+10)
	}
	content := outage(t)
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"text":    {[]byte(text.String()), []string{"ONE MOMENT", "pasted text", "127.0.0.1:4001", "30"}},
		"cut off": {content[:len(content)-7], []string{"REPLAY", "not complete: it was cut off at byte"}},
		"hostile": {bytes.Replace(content, []byte("twtop test"), []byte("\\u001b[2J\xe2"), 1), []string{"REPLAY", "TIMELINE"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := shell(t, `"$1" replay - < "$2"`, saved(t, "in", c.content))
			x.shows(c.want...)
			x.keys("q")
			if code := x.exit(); code != exitDone {
				t.Errorf("exit code %d\n%s", code, x.screen())
			}
			x.restored()
		})
	}
}

// TestReplayLive follows `twtop record` of a namespace.
func TestReplayLive(t *testing.T) {
	ns, l, _ := held(t, 10)
	x := shell(t, `"$1" record -i 100ms -o - --netns "$2" | "$1" replay -`, ns.Path())
	x.shows("REPLAY follows", "127.0.0.1:4001", "10 %")
	for range 20 {
		ns.Connect(l, "127.0.0.1:4001")
	}
	x.shows("30 %")
	x.keys("q")
	x.exit()
	x.restored()
}

// TestReplayResizeStorm: every size is drawn, or at least survived.
func TestReplayResizeStorm(t *testing.T) {
	x := open(t, 80, 24, false, nil, program(t), "replay", saved(t, "outage.twtop", outage(t)), "--speed", "max")
	x.shows("REPLAY")
	for i := range 60 {
		x.resize(1+(i*37)%220, 1+(i*23)%70)
		x.keys([]string{"\t", "[", "?", "?", "h", "]", "L", "\r", "\x1b", " "}[i%10])
	}
	x.resize(1, 1)
	x.resize(80, 24)
	x.shows("REPLAY", "TIMELINE")
	x.keys("\x03")
	if code := x.exit(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
}

func TestReplayWithoutATerminal(t *testing.T) {
	out, err := exec.Command(program(t), "replay", saved(t, "outage.twtop", outage(t))).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "a replay needs a terminal and standard output is none: `twtop snapshot --from FILE`") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestSaveKey saves what was seen, goes on, and leaves a file that replays.
func TestSaveKey(t *testing.T) {
	ns, _, _ := held(t, 10)
	dir := t.TempDir()
	x := open(t, 120, 40, false, nil, "sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", dir, program(t), "--netns", ns.Path(), "-i", "100ms")
	x.shows("LIVE", "10 %")
	x.keys("w")
	x.shows("· REC ", "recording on, w ends it", "twtop-")
	x.keys("q")
	if code := x.exit(); code != exitDone || !strings.Contains(x.screen(), "twtop: recorded ") {
		t.Errorf("exit code %d\n%s", code, x.screen())
	}
	x.restored()
	files, _ := filepath.Glob(filepath.Join(dir, "twtop-*.twtop"))
	if len(files) != 1 {
		t.Fatalf("%q", files)
	}
	if _, used, note := replayed(t, files[0]); len(used) == 0 || used[len(used)-1] != 10 || note != "" {
		t.Errorf("in use: %v; note %q", used, note)
	}
}
