package capture

import (
	"cmp"
	"errors"
	"slices"

	"github.com/359a26c5/twtop/source"
)

// delta is what changed from one image to the next. A socket is known by its
// place among those of its flow in the image before.
type delta struct {
	flows   []source.Flow // new ones
	attrs   []attr
	touches []touch
	// Of all touches, one after another:
	runs    []uint32        // of those that are due, by deadline: so many gone, so many not, …
	removed []uint32        // places, ascending: gone before their deadline, or full ones
	changed []change        // by place, ascending
	added   []sock          // by port
	details []source.Detail // of the full ones among added
}

// attr is a flow whose listener, or role, is another now.
type attr struct {
	flow     int
	role     source.Role
	listener int32
}

// touch is how much of the delta is about one flow.
type touch struct{ flow, runs, removed, changed, added int }

// change is a full socket that is there still, as it is now.
type change struct {
	place    uint32
	state    source.State
	timer    source.Timer
	deadline uint32
	detail   source.Detail
}

// differ finds deltas; its memory is used again.
type differ struct {
	partner []int32 // in the new image, of each socket of the flow before; −1 for none
	due     []uint32
}

// diff is what leads from before to next at clock.
func (x *differ) diff(before, next *image, clock uint32) *delta {
	d := &delta{flows: next.flows[len(before.flows):]}
	for i := range before.flows {
		if a, b := &before.flows[i], &next.flows[i]; a.Role != b.Role || a.Listener != b.Listener {
			d.attrs = append(d.attrs, attr{i, b.Role, b.Listener})
		}
	}
	oldAt, newAt := 0, 0
	for i, n := range next.counts {
		var old []sock
		if i < len(before.counts) {
			old = before.socks[oldAt : oldAt+before.counts[i]]
			oldAt += before.counts[i]
		}
		x.flow(d, i, before, next, old, next.socks[newAt:newAt+n], clock)
		newAt += n
	}
	return d
}

func (x *differ) flow(d *delta, flow int, before, next *image, old, now []sock, clock uint32) {
	t := touch{flow, len(d.runs), len(d.removed), len(d.changed), len(d.added)}
	taken := x.pair(before, next, old, now)
	x.expired(d, old, clock)
	for i, p := range x.partner {
		switch {
		case p == dropped:
			d.removed = append(d.removed, uint32(i))
		case p >= 0 && old[i].detail > 0:
			x.change(d, i, before, next, &old[i], &now[p])
		}
	}
	for j := range now {
		if taken[j] {
			continue
		}
		d.added = append(d.added, now[j])
		if now[j].detail > 0 {
			d.details = append(d.details, next.details[now[j].detail-1])
		}
	}
	t = touch{flow, len(d.runs) - t.runs, len(d.removed) - t.removed, len(d.changed) - t.changed, len(d.added) - t.added}
	if t.runs+t.removed+t.changed+t.added > 0 {
		d.touches = append(d.touches, t)
	}
}

// What a socket of the flow before has instead of a partner.
const (
	dropped int32 = -1 // removed
	left    int32 = -2 // gone by itself
)

// pair finds for each socket of the flow before the same one now, and reports
// which of those now are somebody's partner.
func (x *differ) pair(before, next *image, old, now []sock) (taken []bool) {
	x.partner = x.partner[:0]
	taken = make([]bool, len(now))
	j := 0
	for i := range old {
		for j < len(now) && now[j].port < old[i].port {
			j++
		}
		p := dropped
		for k := j; k < len(now) && now[k].port == old[i].port; k++ {
			if !taken[k] && same(&old[i], &now[k]) {
				p, taken[k] = int32(k), true
				break
			}
		}
		x.partner = append(x.partner, p)
	}
	return taken
}

// same: the new one may be told as what became of the old one. Mini-sockets do
// not change.
func same(old, now *sock) bool {
	if old.detail == 0 || now.detail == 0 {
		return old.detail == now.detail && old.state == now.state && old.timer == now.timer && old.deadline == now.deadline
	}
	return true
}

// due are the places of mini-sockets whose deadline is past, by deadline.
func due(old []sock, clock uint32, out []uint32) []uint32 {
	out = out[:0]
	for i := range old {
		if old[i].detail == 0 && old[i].timed() && int32(old[i].deadline-clock) <= 0 {
			out = append(out, uint32(i))
		}
	}
	slices.SortFunc(out, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(int32(old[a].deadline-clock), int32(old[b].deadline-clock)), cmp.Compare(a, b))
	})
	return out
}

// expired tells which of those that are due are gone, in runs: the kernel ends
// them by bucket of its timer wheel, in the order of their deadlines.
func (x *differ) expired(d *delta, old []sock, clock uint32) {
	x.due = due(old, clock, x.due)
	gone, run := true, uint32(0)
	pending := 0 // runs that are told only if something is gone after them
	begin := len(d.runs)
	for _, i := range x.due {
		is := x.partner[i] == dropped
		if is {
			x.partner[i] = left
		}
		if is != gone {
			d.runs = append(d.runs, run)
			gone, run = is, 0
		}
		run++
		if is {
			pending = len(d.runs) + 1
		}
	}
	d.runs = append(d.runs, run)
	d.runs = d.runs[:max(begin, min(pending, len(d.runs)))]
}

// change tells what is another of a full socket. What moved by less than the
// slack has not moved.
func (x *differ) change(d *delta, place int, before, next *image, old, now *sock) {
	was, is := &before.details[old.detail-1], next.details[now.detail-1]
	settle(&is, was)
	c := change{uint32(place), now.state, now.timer, now.deadline, is}
	if c.timer == old.timer && near(c.deadline, old.deadline) {
		c.deadline = old.deadline
	}
	if c.state != old.state || c.timer != old.timer || c.deadline != old.deadline || is != *was {
		d.changed = append(d.changed, c)
	}
}

var errDelta = errors.New("a change is of nothing that was there")

// apply makes the next image of before. It trusts nothing of d.
func (d *delta) apply(before *image, clock uint32) (*image, error) {
	m := &image{
		flows:   append(append(make([]source.Flow, 0, len(before.flows)+len(d.flows)), before.flows...), d.flows...),
		socks:   make([]sock, 0, len(before.socks)+len(d.added)),
		details: make([]source.Detail, 0, len(before.details)+len(d.details)),
	}
	m.counts = make([]int, len(m.flows))
	for _, a := range d.attrs {
		if a.flow < 0 || a.flow >= len(before.flows) {
			return nil, errDelta
		}
		m.flows[a.flow].Role, m.flows[a.flow].Listener = a.role, a.listener
	}
	b := builder{d: d, before: before, next: m, clock: clock}
	oldAt, touches := 0, d.touches
	for i := range m.flows {
		n := 0
		if i < len(before.counts) {
			n = before.counts[i]
		}
		var t touch
		if len(touches) > 0 && touches[0].flow == i {
			t, touches = touches[0], touches[1:]
		}
		begin := len(m.socks)
		if err := b.flow(before.socks[oldAt:oldAt+n], t); err != nil {
			return nil, err
		}
		oldAt += n
		m.counts[i] = len(m.socks) - begin
	}
	if len(touches) > 0 || len(m.socks) > maxSockets {
		return nil, errDelta
	}
	return m, nil
}
