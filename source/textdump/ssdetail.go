package textdump

import (
	"bytes"
	"math"

	"github.com/359a26c5/twtop/source"
)

// ssDetail takes one field that -e or -i prints.
func ssDetail(b []byte, e *source.Entry) {
	colon := bytes.IndexByte(b, ':')
	if colon < 0 {
		if string(b) == "ts" {
			e.Detail.Options |= source.OptTimestamps
		}
		return
	}
	d := &e.Detail
	switch value := b[colon+1:]; string(b[:colon]) {
	case "ino":
		ssInode(value, e)
	case "uid":
		if n, ok := number(value); ok {
			d.UID = n
			d.Has |= source.HasUID
		}
	case "v6only":
		d.V6Only = string(value) == "1"
		d.Has |= source.HasV6Only
	case "rto", "cwnd", "mss":
		d.Has |= source.HasInfo
	case "rtt":
		d.RTT = microseconds(value)
	case "lastsnd":
		d.LastDataSent, _ = number(value)
	case "lastrcv":
		d.LastDataRecv, _ = number(value)
	case "lastack":
		d.LastAckRecv, _ = number(value)
	}
}

// ssInode takes the inode. With it stands the uid, where that is not 0; a
// connection request has an inode of 0 that tells nothing.
func ssInode(value []byte, e *source.Entry) {
	n, ok := number(value)
	if !ok {
		return
	}
	e.Detail.Has |= source.HasUID
	if n != 0 || e.State != source.StateSynRecv {
		e.Detail.Inode = n
		e.Detail.Has |= source.HasInode
	}
}

// microseconds reads "0.051/0.02", milliseconds and their variance.
func microseconds(b []byte) uint32 {
	if i := bytes.IndexByte(b, '/'); i >= 0 {
		b = b[:i]
	}
	us, _ := decimal(b)
	return us
}

// ssUsers reads what follows "users:(", and returns what follows that:
//
//	("nginx",pid=2549,fd=7),("tmux: server",2548,9))
func (p *parser) ssUsers(b []byte) []byte {
	for hasPrefix(b, `("`) {
		name := b[2:]
		end := bytes.IndexByte(name, '"')
		for end >= 0 && !pidFollows(name[end+1:]) {
			next := bytes.IndexByte(name[end+1:], '"')
			if next < 0 {
				return nil
			}
			end += 1 + next
		}
		if end < 0 {
			return nil
		}
		rest := name[end+2:] // behind `",`
		rest = bytes.TrimPrefix(rest, []byte("pid="))
		pid, rest := leading(rest)
		p.user(pid, name[:end])
		stop := bytes.IndexByte(rest, ')')
		if stop < 0 {
			return nil
		}
		b = bytes.TrimPrefix(rest[stop+1:], []byte(","))
	}
	return bytes.TrimPrefix(b, []byte(")"))
}

// pidFollows reports whether b goes on after the closing quote of a name.
func pidFollows(b []byte) bool {
	b, ok := after(b, ",")
	if !ok {
		return false
	}
	b = bytes.TrimPrefix(b, []byte("pid="))
	return len(b) > 0 && '0' <= b[0] && b[0] <= '9'
}

// user notes a process unless the record is only being tried.
func (p *parser) user(pid uint32, name []byte) {
	if !p.trying && pid <= math.MaxInt32 {
		p.facts.process(pid, name)
	}
}
