package ui

import (
	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The state histogram: every TCP state, the change since the frame before, and
// a bar to the scale of the fullest.
//
//	─ [1] STATES ─ 28,361 sockets ──────────
//	  ESTAB         128    +3 ▏
//	  TIME-WAIT  28,233  −120 ████████████

// stateOrder is in which order states give way where a pane is low: what tells
// of trouble is kept longest.
var stateOrder = [...]source.State{
	source.StateTimeWait, source.StateEstablished, source.StateCloseWait, source.StateSynSent,
	source.StateListen, source.StateFinWait2, source.StateSynRecv, source.StateLastAck,
	source.StateFinWait1, source.StateBoundInactive, source.StateClosing, source.StateClose,
}

// shownStates are the states that n rows show, in the order of a connection's
// life. It depends on n alone: rows do not come and go with the figures.
func shownStates(n int) []source.State {
	var keep [source.NumStates]bool
	for _, s := range stateOrder[:min(max(n, 0), len(stateOrder))] {
		keep[s] = true
	}
	var out []source.State
	for _, s := range source.ReportedStates {
		if keep[s] {
			out = append(out, s)
		}
	}
	return out
}

func stateInk(s source.State) ink {
	switch s {
	case source.StateTimeWait:
		return inkTimeWait
	case source.StateEstablished:
		return inkOK
	case source.StateCloseWait, source.StateSynSent:
		return inkWarning
	}
	return inkOther
}

func (t *theme) states(r *diagnosis.Report, w, h int, focused bool) []string {
	about := sockets(r.States.Total())
	if n := r.Snapshot.Orphans; n > 0 {
		about += " · " + commas(n) + " orphaned"
	}
	out := []string{t.heading(w, focused, areaStates, "STATES", about)}
	most := 0
	for _, s := range source.ReportedStates {
		most = max(most, int(r.States[s]))
	}
	for _, s := range shownStates(h - 1) {
		out = append(out, t.state(r, s, most, w))
	}
	return t.fill(out, w, h)
}

// fromProc reports whether a snapshot was made from /proc/net/tcp, now or when
// it was recorded.
func fromProc(s *source.Snapshot) bool {
	return s.Kind == source.KindProc || s.Kind == source.KindCapture && s.Origin == source.KindProc
}

func (t *theme) state(r *diagnosis.Report, s source.State, most, w int) string {
	n := int(r.States[s])
	count, change := commas(n), ""
	if s == source.StateBoundInactive && fromProc(r.Snapshot) {
		count = unknown // /proc/net/tcp has no such sockets
	}
	if r.Change != nil {
		change = signed(r.Change[s])
	}
	number := inkStrong
	if n == 0 {
		number = inkDim
	}
	l := t.line(w, false).skip(markerWidth)
	l.cell(inkPlain, s.String(), 10, false).cell(number, count, 9, true)
	l.cell(inkDim, change, 8, true).skip(1)
	l.bar(stateInk(s), n, most, max(min(l.left-1, 60), 0))
	return l.done()
}
