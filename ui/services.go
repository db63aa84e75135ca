package ui

import (
	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The services: what this host listens on, the fullest accept queue first.
//
//	─ [3] SERVICES ─ 4 · by QUEUE ▼ ────────────────────────────
//	  LISTEN               QUEUE   OF  ESTAB  TIME-WAIT  CLOSE-WAIT
//	▶ 0.0.0.0:4001           512  511    128     12,022           0

var serviceColumns = []column[diagnosis.Service]{
	{title: "LISTEN", width: 21, width6: 30, most: 47, priority: 1,
		fit:     func(s *diagnosis.Service, w int) string { return squeeze(listening(s.Local, s.Device), w) },
		compare: func(a, b *diagnosis.Service) int { return compareAddrPort(a.Local, b.Local) }},
	{title: "QUEUE", width: 6, priority: 2, right: true, natural: true, text: queue, ink: queueInk},
	{title: "OF", width: 6, priority: 3, right: true,
		text: func(s *diagnosis.Service) string { return optional(s.WorstBacklog) },
		ink:  func(*diagnosis.Service) ink { return inkDim }},
	serviceState("ESTAB", 7, 4, source.StateEstablished),
	serviceState("TIME-WAIT", 9, 5, source.StateTimeWait),
	serviceState("CLOSE-WAIT", 10, 6, source.StateCloseWait),
	serviceState("SYN-RECV", 8, 7, source.StateSynRecv),
	serviceState("FIN-WAIT-2", 10, 8, source.StateFinWait2),
	{title: "SOCKETS", width: 7, priority: 9, right: true,
		text: func(s *diagnosis.Service) string { return commas(s.Sockets) },
		ink:  func(*diagnosis.Service) ink { return inkDim },
		rank: func(s *diagnosis.Service) int64 { return int64(s.Sockets) }},
	{title: "OWNER", width: 14, most: 30, priority: 6,
		fit: func(s *diagnosis.Service, w int) string { return ownerCell(s.Owners, w) },
		ink: func(*diagnosis.Service) ink { return inkDim }},
}

func serviceState(title string, w, priority int, state source.State) column[diagnosis.Service] {
	return column[diagnosis.Service]{title: title, width: w, priority: priority, right: true,
		text: func(s *diagnosis.Service) string { return commas(int(s.States[state])) },
		ink:  func(s *diagnosis.Service) ink { return zeroDim(int(s.States[state]), inkPlain) },
		rank: func(s *diagnosis.Service) int64 { return int64(s.States[state]) }}
}

// queue is the number of connections that wait for accept(), at the fullest one
// of SO_REUSEPORT sockets, or that nobody listens any more. Their sum would hide
// that one of them overflows.
func queue(s *diagnosis.Service) string {
	if s.Gone {
		return "gone"
	}
	return optional(s.WorstQueue)
}

func queueInk(s *diagnosis.Service) ink {
	switch {
	case s.Gone:
		return inkWarning
	case s.WorstQueue == nil || *s.WorstQueue == 0:
		return inkDim
	case *s.WorstQueue > *s.WorstBacklog:
		return inkCritical
	case *s.WorstQueue > *s.WorstBacklog/2:
		return inkWarning
	}
	return inkPlain
}
