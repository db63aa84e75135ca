package textdump

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// gaps says what of the text could not be read, and what is not in it.
func (p *parser) gaps(snap *source.Snapshot) []string {
	out := p.unread()
	if p.again.tables > 0 {
		out = append(out, fmt.Sprintf("%s again what is above, the first from line %s on: %s that came since %s left out",
			tell(p.again.tables), grouped(p.again.line), plural(p.again.sockets, "socket"), are(p.again.sockets)))
	}
	if p.facts.changed != "" {
		out = append(out, p.facts.changed+" has several values in the text: the one before the sockets counts")
	}
	out = append(out, "sockets that are bound and not used are not in the text: they may take ports as well")
	return append(out, p.absent(snap)...)
}

// unread is what of the text was not understood.
func (p *parser) unread() []string {
	var out []string
	if p.bad.n > 0 {
		out = append(out, fmt.Sprintf("%s of %s could not be read; the first: line %s: %s",
			grouped(p.bad.n), plural(p.sockets+p.surplus+p.bad.n, "socket"), grouped(p.bad.first), p.bad.why))
	}
	if p.stray.n > 0 {
		out = append(out, fmt.Sprintf("%s of the text %s no socket and no sysctl, the first line %s",
			plural(p.stray.n, "line"), are(p.stray.n), grouped(p.stray.first)))
	}
	if p.surplus > 0 {
		out = append(out, fmt.Sprintf("%s beyond %s in all, and %s listeners on one port, %s left out",
			plural(p.surplus, "socket"), grouped(maxSockets), grouped(maxPerPort), are(p.surplus)))
	}
	if p.shortened > 0 {
		out = append(out, fmt.Sprintf("netstat may have cut IPv6 addresses of %s: several destinations may look like one (netstat -W cuts none)",
			plural(p.shortened, "socket")))
	}
	return out
}

// absent is what the text does not tell.
func (p *parser) absent(snap *source.Snapshot) []string {
	var out []string
	waits := snap.States[source.StateTimeWait]
	switch noListeners := len(snap.Listeners) == 0 && !p.shown(); {
	case noListeners && waits == 0:
		out = append(out, "neither listeners nor TIME-WAIT are in the text: ss shows them only with -a")
	case noListeners:
		out = append(out, "no listeners are in the text: who opened a connection is told by its ports (use -a, and no filter)")
	}
	if n := untimed(snap); n > 0 {
		out = append(out, fmt.Sprintf("the text tells no timers of %s in TIME-WAIT: when their ports come back, and when they closed, is not known (use -o)",
			plural(n, "socket")))
	}
	if unknown := snap.States[0]; unknown > 0 {
		out = append(out, fmt.Sprintf("the state of %s is not known", plural(int(unknown), "socket")))
	}
	if len(snap.Sysctls) == 0 {
		out = append(out, "no sysctls are in the text: what `sysctl net.ipv4` prints may stand before or after the sockets")
	}
	if n, all := strangers(snap); !snap.RangeKnown && n > all/2 {
		out = append(out, fmt.Sprintf("%s of %s from here have local ports outside %v: the range is likely to be another one",
			grouped(n), plural(all, "connection"), snap.Range))
	}
	if p.half() {
		out = append(out, "/proc/net/tcp6 is not in the text: IPv6 sockets are missing, and IPv4 connections that they have")
	}
	return out
}

// shown reports whether the listeners would be in the text if there were any.
// ss shows TIME-WAIT where it shows listeners, with -a, or where it is asked for it.
func (p *parser) shown() bool {
	for _, s := range p.all {
		if s.all || s.header && s.format == FormatSS && s.waits && !s.bare {
			return true
		}
	}
	return false
}

// untimed counts the TIME_WAITs of which nobody knows how long they last.
func untimed(snap *source.Snapshot) int {
	n := 0
	for i := range snap.Sockets {
		if s := &snap.Sockets[i]; s.State == source.StateTimeWait && s.Timer != source.TimerTimeWait {
			n++
		}
	}
	return n
}

// strangers counts connections from here whose local port is outside the range.
func strangers(snap *source.Snapshot) (n, all int) {
	for i := range snap.Flows {
		if snap.Flows[i].Role != source.RoleOutgoing {
			continue
		}
		for _, s := range snap.SocketsOf(i) {
			all++
			if !snap.Range.Contains(s.Port) {
				n++
			}
		}
	}
	return n, all
}

// half reports whether there is only one of the two tables of /proc/net.
func (p *parser) half() bool {
	seen := false
	for _, s := range p.all {
		switch {
		case s.format != FormatProc && s.rows.n > 0, s.v6:
			return false
		case s.format == FormatProc:
			seen = true
		}
	}
	return seen
}

func appendIf(list []string, more ...string) []string {
	for _, s := range more {
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}

func tell(tables int) string {
	if tables == 1 {
		return "1 table tells"
	}
	return grouped(tables) + " tables tell"
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// plural is "1 line" or "28,232 lines".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped writes a count as 28,232.
func grouped(n int) string {
	s := strconv.Itoa(n)
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
