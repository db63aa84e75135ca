package textdump

import (
	"bytes"
	"math"

	"github.com/359a26c5/twtop/source"
)

// netstat reads a socket of netstat with what -e -p and -o add (netstat.c,
// tcp_do_one and finish_this_one):
//
//	tcp 0 0 127.0.0.1:4001 127.0.0.1:20347 CLOSE_WAIT 0 6877909 2222/python3 off (0.00/0/0)
func (p *parser) netstat(b []byte, e *source.Entry) fault {
	proto, rest := cut(b)
	recv, rest := cut(rest)
	send, rest := cut(rest)
	local, rest := cut(rest)
	remote, rest := cut(rest)
	word, rest := cut(rest)
	if len(word) == 0 {
		return faultShort
	}
	if string(proto) == "tcp4" || string(proto) == "tcp46" {
		return faultSystem
	}
	*e = source.Entry{Timer: source.TimerUnknown}
	recvQ, okRecv := number(recv)
	sendQ, okSend := number(send)
	state, okState := netstatState(word)
	switch {
	case !okRecv || !okSend:
		return faultNumber
	case !okState:
		return faultState
	}
	e.State = state
	if state != source.StateListen { // the backlog of a listener is not there
		e.Detail.Has, e.Detail.RecvQ, e.Detail.SendQ = source.HasQueues, recvQ, sendQ
	}
	if f := p.netstatEnds(local, remote, string(proto) == "tcp6", e); f != "" {
		return f
	}
	p.netstatDetails(rest, e)
	if state == source.StateClose && e.LocalPort != 0 && e.RemotePort == 0 {
		e.State = source.StateBoundInactive
	}
	return ""
}

// netstatEnds reads both ends. Without -W netstat shortens an IPv6 address.
func (p *parser) netstatEnds(local, remote []byte, v6 bool, e *source.Entry) fault {
	short := false
	read := func(b []byte) (endpoint, fault) {
		end, f := p.addrs.read(b)
		if v6 && len(b) == netstatCut && !end.addr.Is4() {
			short = true
			if f == faultAddress {
				return p.addrs.readCut(b)
			}
		}
		return end, f
	}
	l, f := read(local)
	if f != "" {
		return f
	}
	r, f := read(remote)
	if f != "" {
		return f
	}
	if short && !p.trying {
		p.shortened++
	}
	e.Local, e.LocalPort, e.Remote, e.RemotePort = l.addr, l.port, r.addr, r.port
	return ""
}

// netstatDetails reads user and inode, process, and timer, as far as they are there.
func (p *parser) netstatDetails(b []byte, e *source.Entry) {
	if i := timerStart(b); i >= 0 {
		netstatTimer(b[i:], e)
		b = b[:i]
	}
	first, rest := cut(b)
	second, after := cut(rest)
	if inode, ok := number(second); ok && bytes.IndexByte(first, '/') < 0 {
		b = after
		netstatOwner(first, inode, e)
	}
	pid, name := leading(trim(b))
	if name, ok := bytes.CutPrefix(name, []byte("/")); ok {
		p.user(pid, bytes.TrimRight(name, " \t"))
	}
}

// netstatOwner takes the user, a number with -n, and the inode. Both are 0 and
// mean nothing for a connection request.
func netstatOwner(user []byte, inode uint32, e *source.Entry) {
	d := &e.Detail
	if uid, ok := number(user); ok {
		d.UID = uid
		d.Has |= source.HasUID
	}
	if inode != 0 || e.State != source.StateSynRecv {
		d.Inode = inode
		d.Has |= source.HasInode
	}
}

// timerStart returns where the last "word (seconds/retransmissions/probes)"
// begins, -1 where there is none.
func timerStart(b []byte) int {
	open := bytes.LastIndexByte(b, '(')
	if open < 2 || b[open-1] != ' ' || bytes.Count(b[open:], []byte("/")) != 2 {
		return -1
	}
	return bytes.LastIndexByte(b[:open-1], ' ') + 1
}

func netstatTimer(b []byte, e *source.Entry) {
	word, rest := cut(b)
	timer := source.TimerUnknown
	switch string(word) {
	case "off":
		timer = source.TimerNone
	case "on":
		timer = source.TimerRetransmit
	case "keepalive":
		timer = source.TimerKeepalive
	case "timewait":
		timer = source.TimerTimeWait
	case "probe":
		timer = source.TimerProbe
	}
	values, _ := after(trim(rest), "(")
	i := bytes.IndexByte(values, '/')
	if i < 0 || timer == source.TimerUnknown {
		return
	}
	expires, ok := decimal(values[:i])
	if !ok {
		return
	}
	e.Timer, e.Expires = timer, expires
	retrans, _ := leading(values[i+1:])
	e.Detail.Retrans = uint8(min(retrans, math.MaxUint8))
	e.Detail.Has |= source.HasRetrans
}
