package ui

import (
	"net/netip"
	"strconv"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// The detail of a destination or service: its account, its two minutes, the
// commands that show it elsewhere, and its sockets.
//
//	━ 127.0.0.1 → 127.0.0.1:4001 ━ 28,232 sockets ━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//	  used 28,232 of 28,232 · free 0 · reusable 0 · pressure 100 %
//	  ▕███████████████┊██████████████▓▏
//	  ss       ss -tanoe 'src 127.0.0.1 and dst 127.0.0.1:4001'
//	  tcpdump  tcpdump -ni any 'tcp port 4001 and host 127.0.0.1'
//	─ SOCKETS ─ ESTAB 128 · TIME-WAIT 28,104 ─────────────────────────────────
//	  LOCAL PORT  STATE      TIMER        LEFT  RECV-Q  SEND-Q
//	▶      32768  ESTAB      keepalive  7200 s       0       0

// detailPane lists the sockets of a subject.
type detailPane struct {
	subject subject
	rows    detailRows
	scratch socketRow
	table   table[socketRow, socketKey]
	w, h    int
	head    int    // rows above the table
	netns   string // the namespace's file, if it has to be entered by that
}

var socketColumns = []column[socketRow]{
	{title: "LOCAL", width: 8, width6: 8, most: 47, priority: 1,
		fit: func(r *socketRow, w int) string { return squeeze(localEnd(r), w) }},
	{title: "PEER", width: 21, width6: 30, most: 47, priority: 2,
		fit: func(r *socketRow, w int) string { return squeeze(peerEnd(r), w) }},
	{title: "STATE", width: 10, priority: 1, text: func(r *socketRow) string { return r.sock.State.String() },
		ink: func(r *socketRow) ink { return stateInk(r.sock.State) }},
	{title: "TIMER", width: 9, priority: 3, text: timerName, ink: func(*socketRow) ink { return inkDim }},
	{title: "LEFT", width: 7, priority: 3, right: true, text: timerLeft},
	{title: "RECV-Q", width: 7, priority: 4, right: true,
		text: detailField(source.HasQueues, func(d *source.Detail) uint32 { return d.RecvQ })},
	{title: "SEND-Q", width: 7, priority: 4, right: true,
		text: detailField(source.HasQueues, func(d *source.Detail) uint32 { return d.SendQ })},
	{title: "RETRANS", width: 7, priority: 6, right: true,
		text: detailField(source.HasRetrans, func(d *source.Detail) uint32 { return uint32(d.Retrans) })},
	{title: "RTT", width: 9, priority: 7, right: true, text: roundTrip},
	{title: "LAST SENT", width: 10, priority: 8, right: true,
		text: ago(func(d *source.Detail) uint32 { return d.LastDataSent })},
	{title: "LAST RECV", width: 10, priority: 9, right: true,
		text: ago(func(d *source.Detail) uint32 { return d.LastDataRecv })},
	{title: "UID", width: 6, priority: 5, right: true, text: userID},
}

func newDetailPane(netns string) *detailPane {
	d := &detailPane{netns: netns}
	d.table = newTable(socketColumns, keyOfSocket)
	return d
}

// open shows another subject, its rows still to come.
func (d *detailPane) open(s subject, f *frame) {
	w, h := d.w, d.h
	*d = *newDetailPane(d.netns)
	d.subject = s
	d.setSize(f, w, h)
}

func (d *detailPane) isOpen() bool { return d.subject.kind != subjectNone }

// setFrame takes the subject's rows of a frame.
func (d *detailPane) setFrame(f *frame) {
	if f == nil || f.order.detail.subject != d.subject {
		return
	}
	d.rows = f.order.detail
	d.table.setRows(len(d.rows.sockets), f.six, func(i int) *socketRow {
		d.scratch = socketAt(f.report.Snapshot, d.rows.sockets[i])
		return &d.scratch
	})
}

// detailField is a figure that only full sockets have.
func detailField(has source.Has, field func(*source.Detail) uint32) func(*socketRow) string {
	return func(r *socketRow) string {
		if r.full == nil || r.full.Has&has == 0 {
			return unknown
		}
		return commas(int(field(r.full)))
	}
}

// ago is a time in tcp_info, milliseconds ago.
func ago(field func(*source.Detail) uint32) func(*socketRow) string {
	return func(r *socketRow) string {
		if r.full == nil || r.full.Has&source.HasInfo == 0 {
			return unknown
		}
		return until(millis(field(r.full))) + " ago"
	}
}

func roundTrip(r *socketRow) string {
	if r.full == nil || r.full.Has&source.HasInfo == 0 {
		return unknown
	}
	if r.full.RTT < 1000 {
		return strconv.Itoa(int(r.full.RTT)) + " µs"
	}
	return strconv.FormatFloat(float64(r.full.RTT)/1000, 'f', 1, 64) + " ms"
}

func userID(r *socketRow) string {
	if r.full == nil || r.full.Has&source.HasUID == 0 {
		return unknown
	}
	return strconv.FormatUint(uint64(r.full.UID), 10)
}

func timerName(r *socketRow) string {
	if s := r.sock.Timer.String(); s != "" {
		return s
	}
	return unknown
}

func timerLeft(r *socketRow) string {
	if r.sock.Timer == source.TimerNone || r.sock.Timer == source.TimerUnknown {
		return unknown
	}
	return until(r.snap.Remaining(r.sock))
}

// localEnd and peerEnd are the two ends of a socket; which of them has the
// flow's port depends on who opened the connection.
func localEnd(r *socketRow) string {
	if r.flow.Role == source.RoleOutgoing {
		return ":" + strconv.Itoa(int(r.sock.Port))
	}
	return ":" + strconv.Itoa(int(r.flow.Port))
}

func peerEnd(r *socketRow) string {
	if r.flow.Role == source.RoleOutgoing {
		return endpoint(r.flow.RemoteAddrPort(), r.flow.Device)
	}
	return endpoint(netip.AddrPortFrom(r.flow.Remote.IP(), r.sock.Port), r.flow.Device)
}

// name is the detail's title; it needs no frame.
func (s subject) name() string {
	if s.kind == subjectService {
		return "listener " + listening(s.svc.local, s.svc.device)
	}
	return s.dest.local.String() + " → " + endpoint(s.dest.remote, s.dest.device)
}

// namespace is where the commands have to run. A path is of this host, whatever
// the frame calls the namespace.
func (d *detailPane) namespace(f *frame) namespace { return namespace{path: d.netns, name: f.netns} }

// recipe is the commands for the subject in a frame.
func (d *detailPane) recipe(f *frame) recipe {
	switch {
	case d.subject.kind == subjectDest:
		s := d.subject.dest
		return destRecipe(&diagnosis.Destination{Local: s.local, Remote: s.remote, Device: s.device}, d.namespace(f))
	case d.subject.kind == subjectService:
		return serviceRecipe(&diagnosis.Service{Local: d.subject.svc.local}, d.namespace(f))
	}
	return recipe{}
}

// states is the subject's sockets by state, the most frequent ones of which are
// told in words.
func (d *detailPane) states(r *diagnosis.Report) source.StateCounts {
	switch i := d.rows.index; {
	case i < 0:
	case d.subject.kind == subjectDest:
		return r.Destinations[i].States
	case d.subject.kind == subjectService:
		return r.Services[i].States
	}
	return source.StateCounts{}
}

func stateWords(c *source.StateCounts) string {
	s := ""
	for _, state := range source.ReportedStates {
		if c[state] > 0 {
			s += " · " + state.String() + " " + commas(int(c[state]))
		}
	}
	if s == "" {
		return "none"
	}
	return s[len(" · "):]
}
