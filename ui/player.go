package ui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// player shows a recording in place of a Source. Frames are asked for by their
// number, one at a time: keys only move what is wanted, and a frame that lands
// when another is wanted is followed by that one at once.
type player struct {
	Replay
	deck *diagnosis.Deck // only read uses it, and there is one at a time
	head playhead
	line timeline
	// seeks is 1 while the next mark is wanted and the survey has not found it.
	seeks int

	courses []diagnosis.Course // as of the frame on the screen
}

func newPlayer(r *Replay) *player {
	p := &player{Replay: *r, deck: diagnosis.NewDeck(r.Tape), head: newPlayhead(r)}
	p.Name, p.Title, p.Tool = clean(r.Name), clean(r.Title), clean(r.Tool)
	return p
}

// grownMsg says that the recording is longer than it was, or has ended.
type grownMsg struct{ err error }

// read makes the frame that is wanted.
func (p *player) read(r *reader, v view) tea.Cmd {
	deck, i := p.deck, p.head.want
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = frameMsg{at: i, err: err} })
		report, courses, err := deck.Report(r.ctx, i)
		if err != nil {
			return frameMsg{at: i, err: err}
		}
		f := newFrame(report, r.catalogue, r.tuned)
		f.order = v.arrange(f.report)
		return frameMsg{at: i, frame: f, courses: courses}
	}
}

// await waits for a frame that is not there yet, and says so from time to time.
func (p *player) await(ctx context.Context, i int) tea.Cmd {
	tape := p.Tape
	return func() (msg tea.Msg) {
		defer caught(func(err error) { msg = grownMsg{err} })
		within, cancel := context.WithTimeout(ctx, quietFor)
		defer cancel()
		err := tape.Wait(within, i)
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = errQuiet
		}
		return grownMsg{err}
	}
}

// quietFor is how long a stream may be silent before that is told.
const quietFor = 5 * time.Second

// errQuiet says that a stream was silent for that long.
var errQuiet = errors.New("nothing has come")

// silence is for how long nothing has come, 0 where that is no wonder: a stream
// may have an interval of its own.
func (p *player) silence(now time.Time) time.Duration {
	h, gap := &p.head, time.Duration(0)
	if n := p.Tape.Len(); h.at > 0 && h.at < n {
		gap = p.Tape.Taken(h.at).Sub(p.Tape.Taken(h.at - 1))
	}
	if d := now.Sub(h.shown); h.at >= 0 && d >= max(quietFor, 3*gap) {
		return d
	}
	return 0
}

// ended reports whether the last frame is on the screen, and no other will come.
func (p *player) ended() bool { return p.Tape.Ended() && p.head.at >= p.Tape.Len()-1 }

// replay makes the screen one of a recording.
func (m *Model) replay(r *Replay) {
	m.player = newPlayer(r)
	m.keys.forReplay(r.Survey != nil)
	if r.Survey != nil {
		m.survey = newSurvey(m.reader.ctx, r, m.options.Now)
	}
	if m.player.Title != "" {
		m.toast = m.player.Name + ": " + m.player.Title
	}
}

// startReplay shows the frame that was asked for, and begins the survey.
func (m *Model) startReplay() tea.Cmd {
	cmds := []tea.Cmd{m.playOn()}
	if m.survey != nil {
		cmds = append(cmds, m.survey.goOn())
	}
	return tea.Batch(cmds...)
}

// timelineRows is how many rows the timeline has.
func (m *Model) timelineRows() int {
	if m.survey == nil {
		return 0
	}
	return timelineRows(m.height)
}

// playOn does what follows a frame or a key: it goes to the frame that is
// wanted, or lets the next one come in its time.
func (m *Model) playOn() tea.Cmd {
	p := m.player
	h := &p.head
	m.ticks++ // a tick that was scheduled does not count any more
	switch {
	case m.reading || m.trouble.final:
		return nil
	case h.want != h.at && p.Tape.Len() > 0:
		return m.read()
	case h.paused && h.at >= 0:
		return nil
	case h.following && h.at < p.Tape.Len()-1:
		h.want = p.Tape.Len() - 1
		return m.read()
	}
	frame, stays, there := h.next(p.Tape)
	switch {
	case there:
		h.coming = frame
		gen := m.ticks
		wait := max(stays-m.options.Now().Sub(h.shown), 0)
		return m.after(wait, tickAt(gen))
	case h.waiting:
		return nil
	}
	h.waiting, h.awaited = true, h.at+1
	return p.await(m.reader.ctx, h.awaited)
}

// landReplay takes the end of a read. Where a frame cannot be read the one
// before stays on the screen, and the replay goes on.
func (m *Model) landReplay(msg frameMsg) tea.Cmd {
	p := m.player
	if msg.err != nil && m.reader.ctx.Err() != nil {
		return tea.Quit
	}
	p.head.land(msg.at, m.options.Now())
	if first := p.Tape.First(); p.head.want < first { // a stream forgot it meanwhile
		p.head.want = first
	}
	m.trouble = trouble{}
	if msg.err != nil {
		m.trouble = trouble{err: msg.err, final: final(msg.err), wait: -1}
	} else {
		m.frame, p.courses = msg.frame, msg.courses
		m.follow()
		m.showRows()
	}
	m.retime()
	return tea.Batch(m.playOn(), m.rearrangeIfStale())
}

// grown takes the news of a stream.
func (m *Model) grown(msg grownMsg) tea.Cmd {
	p := m.player
	h := &p.head
	h.waiting, h.quiet = false, 0
	switch {
	case errors.Is(msg.err, errQuiet):
		h.quiet = p.silence(m.options.Now())
	case msg.err == io.EOF:
		h.following = false
		if p.Tape.Len() == 0 {
			m.trouble = trouble{err: errNoFrame(p.Tape.Note()), final: true}
		}
		m.retime()
		return nil
	case msg.err != nil && m.reader.ctx.Err() != nil:
		return tea.Quit
	case msg.err != nil:
		m.trouble = trouble{err: msg.err, final: true}
		return nil
	case !h.paused && h.at >= 0 && h.at == h.awaited-1 && h.want == h.at: // not, who went elsewhere meanwhile
		h.following = true
	}
	m.retime()
	return m.playOn()
}

// seek goes to a frame, or to the first or last there is.
func (m *Model) seek(frame int) tea.Cmd {
	p := m.player
	p.head.following, p.seeks = false, 0
	p.head.want = max(min(frame, p.Tape.Len()-1), p.Tape.First())
	m.retime()
	return m.playOn()
}

// mode is what the header says in place of LIVE.
func (p *player) mode() (ink, string) {
	h := &p.head
	switch {
	case p.Survey == nil:
		return inkBadgeNotice, "ONE MOMENT"
	case p.ended():
		return inkBadgeNotice, "REPLAY end"
	case h.paused:
		return inkBadgeWarning, "REPLAY paused"
	case h.following && h.quiet > 0:
		return inkBadgeWarning, "REPLAY waits"
	case h.following:
		return inkBadgeOK, "REPLAY follows"
	case h.speed != 1:
		return inkBadgeNotice, "REPLAY " + speedWords(h.speed)
	}
	return inkBadgeNotice, "REPLAY"
}

// segments are what the header says of the recording.
func (p *player) segments(f *frame) (out []segment) {
	add := func(k ink, text string, rank int) {
		if text != "" {
			out = append(out, segment{k: k, text: text, rank: rank})
		}
	}
	add(inkStrong, p.Name, 2)
	if f != nil && !f.taken.IsZero() {
		add(inkDim, f.taken.UTC().Format("2006-01-02")+" UTC", 3)
	}
	if f != nil {
		add(inkDim, sockets(f.report.States.Total()), 4)
	}
	if p.Tool != "" {
		add(inkDim, "by "+p.Tool, 8)
	}
	return out
}
