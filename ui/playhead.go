package ui

import (
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// playhead is where a replay is, and how it goes on.
type playhead struct {
	at     int // the frame on the screen; −1 before the first
	want   int // the one to be shown
	coming int // the one that follows by itself
	paused bool
	// following: it is at the end of a stream, and shows what comes.
	following bool
	waiting   bool // for the frame awaited, which is not there yet
	awaited   int
	quiet     time.Duration // for how long a stream that is followed has been silent
	speed     float64

	asked, shown time.Time     // when the frame was asked for, and was there
	cost         time.Duration // of one frame
}

func newPlayhead(r *Replay) playhead {
	h := playhead{at: -1, want: r.At, paused: r.Paused, speed: r.Speed}
	if h.speed <= 0 {
		h.speed = 1
	}
	return h
}

const (
	// shortestStep is how long a frame stays on the screen at the least: where
	// that is too long, frames are passed over.
	shortestStep = 40 * time.Millisecond
	// longestGap is for how long, of the recording's time, nothing comes: a
	// longer pause in a recording is cut short.
	longestGap = 10 * time.Second
	// maxStep is how many frames are passed over at once, at the most.
	maxStep = 64
)

// next is the frame that follows by itself, and how long the one before it
// stays; ok is false where there is none.
func (h *playhead) next(t Tape) (frame int, stays time.Duration, ok bool) {
	last := t.Len() - 1
	if h.at >= last {
		return 0, 0, false
	}
	if h.speed == MaxSpeed {
		n := int(shortestStep / max(h.cost, shortestStep/maxStep))
		return min(h.at+max(n, 1), last), 0, true
	}
	gone := time.Duration(0)
	for i := h.at + 1; ; i++ {
		gone += min(max(t.Taken(i).Sub(t.Taken(i-1)), 0), longestGap)
		stays = time.Duration(float64(gone) / h.speed)
		if stays >= shortestStep || i == last || i-h.at == maxStep {
			return i, max(stays, shortestStep), true
		}
	}
}

// tick reads the frame whose time has come.
func (h *playhead) tick(read func() tea.Cmd) tea.Cmd {
	if h.paused {
		return nil
	}
	h.want = h.coming
	return read()
}

// land takes the frame that was asked for.
func (h *playhead) land(frame int, now time.Time) {
	passed := time.Duration(max(frame-h.at, 1))
	h.cost = max(now.Sub(h.asked), 0) / passed
	h.at, h.shown, h.quiet = frame, now, 0
}

// The speeds that + and − step through; others can be asked for at the start.
var speeds = [...]float64{1, 2, 4, 8, MaxSpeed}

func (h *playhead) faster() {
	for _, s := range speeds {
		if s > h.speed {
			h.speed = s
			return
		}
	}
}

func (h *playhead) slower() {
	for i := len(speeds) - 1; i >= 0; i-- {
		if speeds[i] < h.speed {
			h.speed = speeds[i]
			return
		}
	}
}

// speedWords is a speed as it is shown: "8×", "max".
func speedWords(s float64) string {
	if s == MaxSpeed {
		return "max"
	}
	return strconv.FormatFloat(s, 'g', 3, 64) + "×"
}
