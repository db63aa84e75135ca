package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// farFrames is how far the keys for ten frames go.
const farFrames = 10

// pressReplay takes the keys of the timeline, which hold wherever time does.
func (m *Model) pressReplay(msg tea.KeyMsg) (cmd tea.Cmd, taken bool) {
	if m.player == nil {
		return nil, false
	}
	k, h := &m.keys, &m.player.head
	switch {
	case key.Matches(msg, k.freeze):
		return m.pause(), true
	case key.Matches(msg, k.stepOn):
		h.paused = true
		return m.seek(h.want + 1), true
	case key.Matches(msg, k.stepBack):
		h.paused = true
		return m.seek(h.want - 1), true
	case key.Matches(msg, k.farOn):
		return m.seek(h.want + farFrames), true
	case key.Matches(msg, k.farBack):
		return m.seek(h.want - farFrames), true
	case key.Matches(msg, k.markOn):
		return m.seekMark(1), true
	case key.Matches(msg, k.markBack):
		return m.seekMark(-1), true
	case key.Matches(msg, k.toBegin):
		return m.seek(m.player.Tape.First()), true
	case key.Matches(msg, k.toEnd):
		return m.seekEnd(), true
	case key.Matches(msg, k.longer):
		h.faster()
		return m.speeded(), true
	case key.Matches(msg, k.shorter):
		h.slower()
		return m.speeded(), true
	}
	return nil, false
}

// pause pauses, or plays on; at the end of a recording from its beginning.
func (m *Model) pause() tea.Cmd {
	p := m.player
	if p.ended() && p.head.want == p.head.at {
		p.head.paused = false
		return m.seek(p.Tape.First())
	}
	p.head.paused = !p.head.paused
	p.head.following = false
	p.head.shown = m.options.Now()
	m.retime()
	return m.playOn()
}

// seekEnd goes to the last frame; of a stream it follows those that come.
func (m *Model) seekEnd() tea.Cmd {
	p := m.player
	if !p.Tape.Ended() {
		p.head.paused = false
	}
	cmd := m.seek(p.Tape.Len() - 1)
	p.head.following = !p.Tape.Ended()
	return cmd
}

// seekMark goes to the next place where a finding begins or ends.
func (m *Model) seekMark(by int) tea.Cmd {
	p := m.player
	at, ok := p.line.nextMark(p.head.want, by)
	p.seeks = 0
	switch {
	case ok:
		p.head.paused = true
		cmd := m.seek(at)
		if mark := p.line.markAt(at); mark != nil {
			m.toast = p.line.markWords(mark) + " · " + clean(p.line.spans[mark.Span].Subject)
		}
		return cmd
	case by < 0:
		m.toast = "no finding begins or ends before"
	case p.line.surveyed() < p.line.n:
		m.toast = "looking for the next mark…"
		p.seeks = by
	case p.line.more:
		m.toast = "no mark after this: not all findings are marked"
	default:
		m.toast = "no finding begins or ends after this"
	}
	return nil
}

func (m *Model) speeded() tea.Cmd {
	m.toast = "plays at " + speedWords(m.player.head.speed)
	if m.player.head.speed == MaxSpeed {
		m.toast = "plays as fast as it goes"
	}
	return m.playOn()
}

// replayBindings are the keys worth telling in a replay.
func (m *Model) replayBindings() []key.Binding {
	k := &m.keys
	out := []key.Binding{k.help, k.quit}
	if m.detail.isOpen() || m.advice.isOpen() {
		out = []key.Binding{k.help, k.back}
	}
	if m.survey != nil {
		out = append(out, k.freeze, bothFrames, bothMarks)
	}
	switch {
	case m.detail.isOpen():
		out = append(out, k.copyText, k.copyCapture, k.plan)
	case m.advice.isOpen():
		out = append(out, k.copyText, k.plan)
	case m.focus == areaFindings || m.focus == areaSysctls:
		out = append(out, k.panes, k.plan, k.detail, k.copyText)
	default:
		out = append(out, k.panes, k.detail, k.plan, k.filter, k.sort, k.reverse, k.copyText)
	}
	if m.survey != nil {
		out = append(out, bothSpeeds, k.toBegin, k.toEnd)
	}
	return out
}
