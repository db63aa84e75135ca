package diagnosis

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// portRemedies is what helps a destination that is short of ports: reuse now,
// what cures it in the program, the range for headroom, addresses beyond that.
func (s *scene) portRemedies(d *Destination) []Remedy {
	var out []Remedy
	bound := 2*d.Ports.BindFirst > d.Ports.Used
	if bound {
		out = append(out, bindRemedies()[0])
	}
	if !bound && d.Ports.UsedTimeWait*10 >= d.Ports.Used {
		out = append(out, s.reuseRemedies(d)...)
	}
	out = append(out, cure(d))
	if r := s.rangeRemedy(d); r.Kind != "" {
		r.Effect += withReuse(d, &r, out)
		out = append(out, r)
	}
	return append(out, Remedy{Kind: RemedySystem, Page: PageAddresses,
		Text:   "add a source address, or an address or port at the far end",
		Effect: "each pair of addresses and port has all the ports once more"})
}

// reuseRemedies is tcp_tw_reuse, with the timestamps that it needs. There is
// none where it is at work already, and where the connections cannot have
// timestamps: it does nothing for those (tcp_twsk_unique, net/ipv4/tcp_ipv4.c).
func (s *scene) reuseRemedies(d *Destination) (out []Remedy) {
	reaches := reuseRuleOf(s.Snapshot).reaches(&s.Snapshot.Flows[d.Flow]) == yes
	if sysctlVerdict(s.Snapshot) == no {
		out = append(out, s.set(sysctl.Timestamps, "1"))
		out[0].Effect = "reuse needs it; connections opened from then on have them, the TIME-WAITs of now last their 60 s"
		if !reaches {
			out = append(out, s.set(sysctl.TWReuse, "1"))
			out[1].Effect = "serves connections that have timestamps"
		}
		return out
	}
	w := d.whatIf(ChangeReuse)
	if reaches || w != nil && !w.betterThan(&d.Forecast.Outlook) {
		return nil
	}
	r := s.set(sysctl.TWReuse, "1")
	r.Effect, r.Enough = effect(w, d)
	return append(out, r)
}

// set is the remedy that sets a sysctl.
func (s *scene) set(key, value string) Remedy {
	return Remedy{Kind: RemedySysctl, Key: key, Value: value, Text: fmt.Sprintf("set %s to %s%s", key, value, s.now(key))}
}

// now says what a sysctl is, "" where that is not known.
func (s *scene) now(key string) string {
	if v, ok := s.Snapshot.Sysctl(key); ok {
		return " (now " + v + ")"
	}
	return ""
}

// widen is the remedy that gives connect() more ports.
func (s *scene) widen() Remedy {
	return Remedy{Kind: RemedySysctl, Key: sysctl.LocalPortRange,
		Text: "widen " + sysctl.LocalPortRange + s.now(sysctl.LocalPortRange) + ", and reserve the ports of services"}
}

// rangeRemedy is a wider range; its Kind is "" where there is none.
func (s *scene) rangeRemedy(d *Destination) Remedy {
	if wide := s.Ports.Range; wide.Low <= widerRange.Low && wide.High >= widerRange.High {
		return Remedy{}
	}
	r := s.widen()
	if w := d.whatIf(ChangeRange); w != nil {
		r.Effect, r.Enough = effect(w, d)
	}
	return r
}

// withReuse says that both together are enough where neither is.
func withReuse(d *Destination, wide *Remedy, before []Remedy) string {
	w := d.whatIf(ChangeBoth)
	if w == nil || w.Enough == nil || !*w.Enough || wide.Enough != nil && *wide.Enough {
		return ""
	}
	for i := range before {
		if before[i].Key == sysctl.TWReuse && (before[i].Enough == nil || !*before[i].Enough) {
			return "; with " + sysctl.TWReuse + "=1 enough"
		}
	}
	return ""
}

// whatIf is the outlook under a change, nil where there is none.
func (d *Destination) whatIf(c Change) *WhatIf {
	if d.Forecast == nil {
		return nil
	}
	for i := range d.Forecast.WhatIf {
		if w := &d.Forecast.WhatIf[i]; w.Change == c {
			return w
		}
	}
	return nil
}

// betterThan reports whether the change bears more than is borne now, as far as
// that is known.
func (w *WhatIf) betterThan(now *Outlook) bool {
	return w.Sustainable == nil || now.Sustainable == nil || *w.Sustainable > *now.Sustainable
}

// effect is what a change does at the present demand: first whether that is
// enough, then the figures.
func effect(w *WhatIf, d *Destination) (string, *bool) {
	if w == nil {
		return "", nil
	}
	parts := []string{w.verdict(d.Demand)}
	if figures := w.figures(d); figures != "" {
		parts[0] += ": " + figures
	}
	if w.Note != "" {
		parts = append(parts, w.Note)
	}
	return strings.Join(parts, "; "), w.Enough
}

// The words of a verdict on a change.
const (
	wordEnough    = "enough"
	wordNotEnough = "not enough"
	wordAtTheEdge = "at the edge"
	wordNotKnown  = "not known"
)

func (w *WhatIf) verdict(d *Demand) string {
	switch {
	case w.Enough != nil && *w.Enough:
		return wordEnough
	case w.Enough != nil:
		return wordNotEnough
	case w.AtTheEdge && d != nil:
		return wordAtTheEdge
	}
	return wordNotKnown
}

// figures is what would be borne, against what is wanted, and how much time
// the change buys where it does not do for good.
func (w *WhatIf) figures(d *Destination) string {
	var parts []string
	if w.Sustainable != nil {
		parts = append(parts, perSecond(*w.Sustainable)+" are borne")
	}
	switch {
	case d.Demand == nil:
		parts = append(parts, "how many are wanted nobody has seen")
	case w.Sustainable != nil:
		parts = append(parts, wantedWords(d.Demand)+" wanted")
	case w.Settles != nil && *w.Settles > 0:
		parts = append(parts, "about "+Plural(*w.Settles, "port")+" in use then")
	case w.Settles != nil:
		parts = append(parts, "only open connections hold a port then")
	}
	if bought := w.buys(d); bought > 0 {
		parts = append(parts, fmt.Sprintf("buys %s at this rate", inAbout(bought)))
	}
	return strings.Join(parts, ", ")
}

// buys is by how much the change puts the end off, 0 where it prevents it or
// nobody knows.
func (w *WhatIf) buys(d *Destination) time.Duration {
	if w.Exhausted == nil || d.Forecast.Exhausted == nil {
		return 0
	}
	return time.Duration(math.Round((*w.Exhausted - *d.Forecast.Exhausted).Seconds())) * time.Second
}

// cure is what the program that holds the ports has to do. The state that most
// of them are in tells.
func cure(d *Destination) Remedy {
	r := Remedy{Kind: RemedyApplication}
	most := mostOf(&d.States)
	n := int(d.States[most])
	switch most {
	case source.StateEstablished:
		r.Page = poolPage(d.Remote.Port())
		r.Text, r.Effect = "open fewer connections at once (a pool with an upper limit)", Plural(n, "connection")+" are open at once"
	case source.StateSynSent:
		r.Page, r.Text = string(SynSentPileup), "find out why the far end does not answer, and give up sooner"
		r.Effect = Grouped(n) + " are waiting for an answer to their SYN"
	case source.StateCloseWait:
		r.Page, r.Text = string(CloseWaitLeak), "close the connections whose far end has closed"
		r.Effect = Grouped(n) + " are waiting for that; no sysctl ends them"
	case source.StateFinWait2:
		r.Page, r.Text = string(FinWait2Pileup), "see why the far end does not close"
		r.Effect = Grouped(n) + " are waiting for that"
	default:
		r.Page = poolPage(d.Remote.Port())
		r.Text = "keep connections open (keep-alive, a pool)"
		r.Effect, r.Enough = effect(d.whatIf(ChangeKeepalive), d)
	}
	return r
}

// poolPage is the page that tells how connections to a service's port are kept
// open, where the port is that of a well-known one.
func poolPage(port uint16) string {
	switch port {
	case 1433, 1521, 3306, 5432, 27017: // SQL Server, Oracle, MySQL, PostgreSQL, MongoDB
		return PageDatabasePools
	case 6379:
		return PageRedis
	}
	return PageKeepalive
}
