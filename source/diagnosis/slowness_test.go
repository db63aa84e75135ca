package diagnosis

import (
	"strings"
	"testing"
	"time"
)

// TestFastAgain lets a simulated kernel get slow, and makes each change that is
// said to end it: then it is over for good.
func TestFastAgain(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, rate := range []float64{28, 45} {
		for _, change := range []Change{ChangeReuse, ChangeRange, ChangeBoth} {
			l, life := steady(rate), lifetime(5)
			k := newSimKernel(3000, 7)
			k.run(59_000, l, life)
			r := watchSlow(k, l, life)
			finding(t, r, SlowConnect)
			d := only(r)
			w := (&scene{Report: r}).fastConnect(d)(*d.whatIf(change))
			if shown(w.Enough) != "enough" {
				t.Errorf("%.0f/s, %s: told %s", rate, change, shown(w.Enough))
			}
			if change != ChangeReuse {
				k.widen(int(widerRange.Low), int(widerRange.High))
			}
			k.reuse = change != ChangeRange
			for range 70 {
				k.run(k.now+1000, l, life)
				if only(assess(k.world())).Ports.SlowConnect {
					t.Errorf("%.0f/s, %s: slow all the same", rate, change)
					break
				}
			}
		}
	}
}

func watchSlow(k *simKernel, l load, life func() int) (r *Report) {
	s := newSeries()
	for range 6 {
		k.run(k.now+1000, l, life)
		r = s.assess(k.world())
	}
	return r
}

// TestJudgeSpeed: a change is judged by the half of the range that connect()
// takes first, not by whether the ports do.
func TestJudgeSpeed(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		enough *bool // of the ports
		taken  float64
		known  bool
		want   string
		note   string
	}{
		{&yes, 400, true, "enough", "connect() finds a port at once"},
		{&yes, 430, true, "not known", ""},
		{&yes, 570, true, "not known", ""},
		{&yes, 600, true, "not enough", "connect() stays slow"},
		{&no, 100, true, "not enough", "connect() stays slow"},
		{nil, 100, true, "enough", "connect() finds a port at once"},
		{nil, 0, false, "not known", ""},
	} {
		w := WhatIf{}
		w.Enough = c.enough
		w.judgeSpeed(c.taken, c.known, 500)
		if shown(w.Enough) != c.want || w.Note != c.note {
			t.Errorf("%+v: %s, %q", c, shown(w.Enough), w.Note)
		}
	}
}

// TestTakenUnder: how many of the preferred half are taken.
func TestTakenUnder(t *testing.T) {
	bears, settles := 980.0, 600
	d := &Destination{Demand: &Demand{PerSecond: 100, firm: true}}
	for _, c := range []struct {
		w     WhatIf
		want  float64
		known bool
	}{
		{WhatIf{Change: ChangeReuse, Capacity: 1000, Outlook: Outlook{Sustainable: &bears, Settles: &settles}}, 120, true}, // 20 live
		{WhatIf{Change: ChangeReuse, Capacity: 1000}, 0, false},
		{WhatIf{Change: ChangeRange, Capacity: 2000, Outlook: Outlook{Settles: &settles}}, 600, true},
		{WhatIf{Change: ChangeRange, Capacity: 2000, Outlook: Outlook{Exhausted: new(time.Duration)}}, 2000, true},
		{WhatIf{Change: ChangeRange, Capacity: 2000}, 0, false},
		{WhatIf{Change: ChangeKeepalive, Capacity: 1000, Outlook: Outlook{Settles: &settles}}, 600, true},
	} {
		if got, known := d.takenUnder(&c.w, 1); got != c.want || known != c.known {
			t.Errorf("%+v: %v %v", c, got, known)
		}
	}
	d.Demand = &Demand{PerSecond: 100, AtLeast: true}
	if got, _ := d.takenUnder(&WhatIf{Change: ChangeReuse, Capacity: 1000, Outlook: Outlook{Sustainable: &bears}}, 1); got != 320 {
		t.Errorf("at least: %v", got)
	}
	d.Demand = nil
	if _, known := d.takenUnder(&WhatIf{Change: ChangeRange, Outlook: Outlook{Settles: &settles}}, 1); known {
		t.Error("known without a demand")
	}
}

// TestSlowConnectAction: what is said where connect() is slow, and nothing runs out.
func TestSlowConnectAction(t *testing.T) {
	k := newSimKernel(3000, 7)
	l, life := steady(28), lifetime(5)
	k.run(59_000, l, life)
	r := watchSlow(k, l, life)
	h := r.Headline
	if h.Action != "now: tcp_tw_reuse 0 → 1, makes connect() fast again at 28/s · cure: keep connections open" ||
		!strings.HasPrefix(h.Evidence, "28 connections/s wanted, 3,000 ports allow 50/s: they do not run out at this rate; 1,7") {
		t.Errorf("%+v", h)
	}
	f := finding(t, r, SlowConnect)
	if f.Evidence[0] != "28 connections/s wanted, 3,000 ports allow 50/s: they do not run out at this rate." {
		t.Errorf("%q", f.Evidence)
	}
	if m := f.Remedies[0]; m.Effect != "enough: 2,999/s are borne, 28 connections/s wanted; connect() finds a port at once" {
		t.Errorf("%+v", m)
	}
}
