package ui

import (
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The destinations, worst first:
//
//	━ [2] DESTINATIONS ━ 12 · by PRESSURE ▼ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//	  TO                FROM          USED  TIME-WAIT  ESTAB    FREE  PRESSURE
//	▶ 127.0.0.1:4001    127.0.0.1   28,232     28,104    128       0     100 %
//	  10.0.3.7:5432     10.0.2.4       412         12    400  27,820       1 %

type destColumn = column[diagnosis.Destination]

// destColumns: OWNER has room from 120 cells on; the forecast (OUT IN) goes before it.
var destColumns = []destColumn{
	{title: "TO", width: 21, width6: 30, most: 47, priority: 1,
		fit:     func(d *diagnosis.Destination, w int) string { return squeeze(endpoint(d.Remote, d.Device), w) },
		compare: func(a, b *diagnosis.Destination) int { return compareAddrPort(a.Remote, b.Remote) }},
	{title: "FROM", width: 15, width6: 22, most: 39, priority: 5,
		fit:     func(d *diagnosis.Destination, w int) string { return squeeze(d.Local.String(), w) },
		ink:     func(*diagnosis.Destination) ink { return inkDim },
		compare: func(a, b *diagnosis.Destination) int { return a.Local.Compare(b.Local) }},
	{title: "USED", width: 6, priority: 4, right: true,
		text: func(d *diagnosis.Destination) string { return commas(d.Ports.Used) },
		rank: func(d *diagnosis.Destination) int64 { return int64(d.Ports.Used) }},
	{title: "TIME-WAIT", width: 9, priority: 4, right: true,
		text: func(d *diagnosis.Destination) string { return commas(d.Ports.UsedTimeWait) },
		ink:  func(d *diagnosis.Destination) ink { return zeroDim(d.Ports.UsedTimeWait, inkTimeWait) },
		rank: func(d *diagnosis.Destination) int64 { return int64(d.Ports.UsedTimeWait) }},
	stateColumn("ESTAB", 6, 6, source.StateEstablished),
	stateColumn("SYN-SENT", 8, 13, source.StateSynSent),
	stateColumn("CLOSE-WAIT", 10, 12, source.StateCloseWait),
	{title: "REUSABLE", width: 8, priority: 11, right: true,
		text: func(d *diagnosis.Destination) string { return optional(d.Ports.Reusable) },
		ink:  func(*diagnosis.Destination) ink { return inkReusable },
		rank: func(d *diagnosis.Destination) int64 { return orLess(d.Ports.Reusable) }},
	{title: "FREE", width: 7, priority: 2, right: true, text: free, ink: freeInk,
		rank: func(d *diagnosis.Destination) int64 { return int64(d.Ports.Free) }},
	{title: "PRESSURE", width: 8, priority: 3, right: true, natural: true,
		text: func(d *diagnosis.Destination) string { return percent(d.Ports.Pressure) }, ink: pressureInk},
	{title: "CLOSES/s", width: 11, priority: 7, right: true, text: closesPerSecond,
		ink:  func(d *diagnosis.Destination) ink { return zeroDim(int(max(orLess(d.ClosesLast), 0)), inkPlain) },
		rank: func(d *diagnosis.Destination) int64 { return orLess(d.ClosesLast)<<32 + orLess(d.ClosesPeak) }},
	{title: "OWNER", width: 14, most: 30, priority: 9, fit: owner,
		ink: func(*diagnosis.Destination) ink { return inkDim }},
	{title: "LAST 60 s", width: 12, most: 37, priority: 8,
		draw: func(l *line, d *diagnosis.Destination, w int) { l.history(inkTimeWait, d.Closes, w) }},
	{title: "COMES BACK", width: 22, most: 37, priority: 10,
		draw: func(l *line, d *diagnosis.Destination, w int) { l.history(inkBack, d.Releases, w) }},
}

// stateColumn counts the sockets of a destination that are in a state.
func stateColumn(title string, w, priority int, s source.State) destColumn {
	return destColumn{title: title, width: w, priority: priority, right: true,
		text: func(d *diagnosis.Destination) string { return commas(int(d.States[s])) },
		ink:  func(d *diagnosis.Destination) ink { return zeroDim(int(d.States[s]), inkPlain) },
		rank: func(d *diagnosis.Destination) int64 { return int64(d.States[s]) }}
}

func owner(d *diagnosis.Destination, w int) string { return ownerCell(d.Owners, w) }

// ownerCell names who has most of the connections, and their share.
func ownerCell(o *diagnosis.Owners, w int) string {
	m, ok := o.Main()
	if !ok {
		return unknown
	}
	part := " " + percent(100*m.Share)
	name, _, _ := strings.Cut(clean(m.Who), " (")
	return cut(name, w-width(part)) + part
}

// zeroDim keeps the noughts of a table in the background.
func zeroDim(n int, k ink) ink {
	if n == 0 {
		return inkDim
	}
	return k
}

// orLess ranks what is unknown below everything known.
func orLess(n *int) int64 {
	if n == nil {
		return -1
	}
	return int64(*n)
}

// closesPerSecond is the last second's rate, or that nothing closes any more.
func closesPerSecond(d *diagnosis.Destination) string {
	if d.ClosesLast == nil || d.ClosesPeak == nil {
		return unknown
	}
	if *d.ClosesLast == 0 && *d.ClosesPeak > 0 {
		return "was " + commas(*d.ClosesPeak)
	}
	return commas(*d.ClosesLast)
}

// history writes a sparkline and, where there is room, its peak.
func (l *line) history(k ink, s *diagnosis.Series, w int) {
	const peakWidth = 7
	if s == nil {
		l.text(inkDim, unknown)
		return
	}
	if w < 10+peakWidth {
		l.spark(k, s, sparkCells(w))
		return
	}
	l.spark(k, s, sparkCells(w-peakWidth))
	if p := peakOf(s); p > 0 {
		l.text(inkDim, " "+commas(p))
	}
}

// count says how many of how many rows are shown: "12", or "3 of 5,000".
func count(shown, all int) string {
	if shown == all {
		return commas(all)
	}
	return commas(shown) + " of " + commas(all)
}
