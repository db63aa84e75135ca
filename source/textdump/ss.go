package textdump

import (
	"math"

	"github.com/359a26c5/twtop/source"
)

// ss reads a socket of ss with what follows it:
//
//	[tcp] ESTAB 0 314 127.0.0.1:8000 127.0.0.1:37624 users:(("nginx",pid=2549,fd=7)) timer:(on,204ms,0)
func (p *parser) ss(b []byte, e *source.Entry) fault {
	field, rest := cut(b)
	if isTCP(field) {
		field, rest = cut(rest)
	}
	*e = source.Entry{Timer: source.TimerUnknown, State: p.section.state}
	if state, ok := ssState(field); ok {
		e.State = state
		field, rest = cut(rest)
	}
	send, rest := cut(rest)
	local, rest := cut(rest)
	remote, rest := cut(rest)
	if len(remote) == 0 {
		return faultShort
	}
	recvQ, okRecv := number(field)
	sendQ, okSend := number(send)
	if !okRecv || !okSend {
		return faultNumber
	}
	e.Detail.Has, e.Detail.RecvQ, e.Detail.SendQ = source.HasQueues, recvQ, sendQ
	if f := p.ends(local, remote, e); f != "" {
		return f
	}
	if isEnd(e) || e.State == source.StateClose || e.State == 0 {
		p.section.age(local, remote)
	}
	p.ssDetails(rest, e)
	if e.Timer == source.TimerTimeWait && e.State == 0 {
		e.State = source.StateTimeWait // a FIN-WAIT-2 that nobody holds has this timer too, and is rare
	}
	if e.State == source.StateClose && e.LocalPort != 0 && e.RemotePort == 0 {
		e.State = source.StateBoundInactive
	}
	return ""
}

// ends reads both ends of a socket.
func (p *parser) ends(local, remote []byte, e *source.Entry) fault {
	l, f := p.addrs.read(local)
	if f != "" {
		return f
	}
	r, f := p.addrs.read(remote)
	if f != "" {
		return f
	}
	e.Local, e.LocalPort, e.Device = l.addr, l.port, p.device(l.zone)
	e.Remote, e.RemotePort = r.addr, r.port
	return ""
}

// maxDevices bounds how many devices are told apart: sockets with the same
// tuple are compared one by one.
const maxDevices = 1 << 8

// device numbers the devices by name; 0 is none.
func (p *parser) device(name []byte) uint32 {
	if len(name) == 0 {
		return 0
	}
	if n, known := p.devices[string(name)]; known || len(p.devices) >= maxDevices {
		return n
	}
	n := uint32(len(p.devices) + 1)
	p.devices[string(name)] = n
	return n
}

// ssDetails reads what -o -e -p -i and -m add, in any order and from any of
// the lines of the socket.
func (p *parser) ssDetails(b []byte, e *source.Entry) {
	for b = trim(b); len(b) > 0; b = trim(b) {
		if rest, ok := after(b, "timer:("); ok {
			b = p.ssTimer(rest, e)
			continue
		}
		if rest, ok := after(b, "users:("); ok {
			b = p.ssUsers(rest)
			continue
		}
		field, rest := cut(b)
		ssDetail(field, e)
		b = rest
	}
}

// ssTimer reads "timewait,55sec,0)" and returns what follows.
func (p *parser) ssTimer(b []byte, e *source.Entry) []byte {
	var parts [3][]byte
	part, start := 0, 0
	for i, c := range b {
		switch {
		case isBlank(c):
			return b[i:]
		case c != ',' && c != ')':
			continue
		case part < len(parts):
			parts[part] = b[start:i]
			part, start = part+1, i+1
		}
		if c == ')' {
			expires, ok := ssTime(parts[1])
			timer := ssTimerName(parts[0])
			if !ok || timer == source.TimerUnknown {
				return b[i+1:]
			}
			e.Timer, e.Expires = timer, expires
			retrans, _ := number(parts[2])
			e.Detail.Retrans = uint8(min(retrans, math.MaxUint8))
			e.Detail.Has |= source.HasRetrans
			p.section.timers = true
			return b[i+1:]
		}
	}
	return nil
}

func ssTimerName(b []byte) source.Timer {
	switch string(b) {
	case "off":
		return source.TimerNone
	case "on":
		return source.TimerRetransmit
	case "keepalive":
		return source.TimerKeepalive
	case "timewait":
		return source.TimerTimeWait
	case "persist":
		return source.TimerProbe
	}
	return source.TimerUnknown
}

// ssTime reads a time as print_ms_timer of misc/ss.c writes it, in ms:
//
//	119min  1min2sec  55sec  9.120ms  204ms
//
// and nothing for 0. From 10 s on it is cut to whole seconds, and from 10 min on
// to minutes: the middle of what was cut off is added. One minute is as long as
// a TIME_WAIT gets.
func ssTime(b []byte) (ms uint32, ok bool) {
	if len(b) == 0 {
		return 0, true
	}
	n, rest := leading(b)
	if len(rest) == len(b) {
		return 0, false
	}
	if after, isMin := after(rest, "min"); isMin {
		ms = scaled(n, 60_000)
		if len(after) == 0 {
			if n > 9 {
				ms = addMS(ms, 30_000)
			}
			return ms, true
		}
		if n, rest = leading(after); len(rest) == len(after) {
			return 0, false
		}
	}
	switch {
	case string(rest) == "sec":
		ms = addMS(ms, scaled(n, 1000))
		if ms >= 10_000 {
			ms = addMS(ms, 500)
		}
		return ms, true
	case string(rest) == "ms":
		return addMS(ms, n), true
	case len(rest) > 3 && rest[0] == '.' && string(rest[len(rest)-2:]) == "ms":
		part, ok := number(rest[1 : len(rest)-2])
		return addMS(addMS(ms, scaled(n, 1000)), part), ok
	}
	return 0, false
}

func addMS(a, b uint32) uint32 { return uint32(min(uint64(a)+uint64(b), math.MaxUint32)) }
