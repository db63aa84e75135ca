package diagnosis

import (
	"fmt"
	"slices"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Change is something that may help a destination that is short of ports.
type Change string

// The changes.
const (
	ChangeReuse     Change = "reuse"
	ChangeRange     Change = "range"
	ChangeBoth      Change = "both"
	ChangeKeepalive Change = "keepalive"
)

// WhatIf is the outlook under a change.
type WhatIf struct {
	Change Change
	Text   string // "net.ipv4.tcp_tw_reuse=1"
	Outlook
	// Capacity is the number of ports there would be.
	Capacity int
	// Enough says whether the change ends the trouble for good at this
	// demand; nil where that is not known, or at the edge.
	Enough *bool
	// Note says what the figures do not, or "".
	Note string
}

// widerRange is what the plan widens ip_local_port_range to.
var widerRange = sysctl.Widest

// kubeletPort is that of a kubelet's API (pkg/cluster/ports/ports.go): where it
// listens the plan reserves the NodePorts.
const kubeletPort = 10250

// wider is R under the wider range, nil where the range is that wide already.
func wider(s *source.Snapshot, blocked *source.PortSet) *portSpace {
	now := s.Range
	wide := source.PortRange{Low: min(now.Low, widerRange.Low), High: max(now.High, widerRange.High)}
	if wide == now || now.Size() == 0 {
		return nil
	}
	reserved := s.Reserved
	if kubelet := func(l source.Listener) bool { return l.Port == kubeletPort && !l.Gone }; slices.ContainsFunc(s.Listeners, kubelet) {
		reserved.AddRange(sysctl.NodePorts)
	}
	return newPortSpace(&source.Snapshot{Range: wide, RangeKnown: true, Reserved: reserved}, blocked)
}

// margin is by how many times a change must outdo a demand that may be much
// higher than it looks.
const margin = 3

// enough judges an outlook by the demand.
func (o *Outlook) enough(d *Demand) *bool {
	if d == nil || o.Sustainable == nil {
		return nil
	}
	bears := *o.Sustainable
	verdict := true
	switch {
	case d.PerSecond >= bears*(1+edge):
		verdict = o.Settles != nil // for want of room for more TIME_WAITs
	case o.Exhausted != nil && !o.AtTheEdge && d.PerSecond > 0:
		verdict = false // what is in use already is too much
	case o.Exhausted == nil && o.Settles == nil: // nobody knows what comes of it
		return nil
	case o.AtTheEdge || d.AtLeast && !d.firm && d.PerSecond*margin > bears:
		return nil
	}
	return &verdict
}

// doubt takes back what the change comes to, where the ports ran out before it
// showed how much is wanted.
func (w *WhatIf) doubt() {
	w.Enough, w.Settles = nil, nil
	if w.Note == "" {
		w.Note = "the ports ran out before it showed how much is wanted"
	}
}

// changes are a destination's ports as they are and as they would be.
type changes struct {
	now, reused      supply
	wide, wideReused supply
	in               source.PortRange // the wider range; empty where there is none
	note             string           // what is to be said of reuse
}

// all are the changes that make a difference.
func (c *changes) all(d *Demand) []WhatIf {
	var out []WhatIf
	try := func(change Change, text, note string, s *supply) {
		w := WhatIf{Change: change, Text: text, Outlook: s.outlook(d), Capacity: s.capacity, Note: note}
		w.Enough = w.enough(d)
		if d != nil && d.cut && (w.Enough == nil || *w.Enough) && !s.capped(s.liveIn(d)) {
			w.doubt()
		}
		out = append(out, w)
	}
	reuse, widen := sysctl.TWReuse+"=1", fmt.Sprintf("%s=%d %d", sysctl.LocalPortRange, c.in.Low, c.in.High)
	if c.now.reuse != yes {
		try(ChangeReuse, reuse, c.note, &c.reused)
	}
	if c.wide.capacity > c.now.capacity {
		try(ChangeRange, widen, "", &c.wide)
		if c.now.reuse != yes {
			try(ChangeBoth, reuse+" + "+widen, c.note, &c.wideReused)
		}
	}
	return append(out, keepalive(&c.now, d))
}

// keepalive is what becomes of it if connections are kept open and used again:
// nothing but the live ones then needs a port.
func keepalive(now *supply, d *Demand) WhatIf {
	w := WhatIf{Change: ChangeKeepalive, Text: "keepalive", Capacity: now.capacity}
	if d == nil {
		return w
	}
	live := now.liveIn(d)
	w.Settles = &live
	enough := false
	switch {
	case d.endless():
		w.Settles = nil // how many are needed at once does not show yet
	case live >= now.capacity:
		w.Enough, w.Settles = &enough, nil
	case float64(live) < float64(now.capacity)*(1-edge):
		enough = true
		w.Enough = &enough
	default:
		w.AtTheEdge = true
	}
	if now.left() <= 0 {
		w.Note = "the first connections have to wait until ports come back"
	}
	return w
}
