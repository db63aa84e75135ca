package diagnosis

import (
	"fmt"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Assessor makes a Report of each Snapshot of one series and remembers what
// the next one needs. The zero Assessor is ready to use; it is not safe for
// concurrent use. A snapshot of another namespace, or one that is older than
// the one before, begins a new series.
type Assessor struct {
	last       *lastFrame
	timestamps epoch // of the namespace's tcp_timestamps
	bound      boundPorts
	places     memories
	tally      tally
	wideTally  tally // of the same flow in the wider range
	rules      []rule
	owners     ownerMemory
	spilled    bool   // memory.spills was true of some destination
	spilledAt  uint32 // Snapshot.Clock of the last such frame
}

// lastFrame is what is kept of the frame before: not its sockets.
type lastFrame struct {
	clock  uint32
	states source.StateCounts
	host   source.Host
	ports  source.PortRange
	// reserved is a copy: 8 KiB.
	reserved source.PortSet
	// changed is the clock of the last change of range or reserved ports.
	changed    uint32
	hasChanged bool

	followed bool // every destination's demand
	counters source.Counters
	live     int // connections opened here that are not in TIME_WAIT
}

// assessment is the making of one Report.
type assessment struct {
	counting
	memory *Assessor
	tally  *tally
	report *Report
	reuse  reuseRule
	before uint32 // Snapshot.Clock of the frame before
	parity bool   // connect() prefers one half
	// explainAll: whatever is in the other half is no sign of anything.
	explainAll bool
	uncertain  bool // ports may be blocked that are not known to be
	foresight
	lately seconds // what was opened to the destination at hand

	counters *source.Counters // of the frame before; nil on the first

	services  *serviceTable
	ints      slab[int]
	durations slab[time.Duration]
	seriesOf  slab[Series]
}

// Assess returns the report of s, the snapshot after those assessed before.
func (a *Assessor) Assess(s *source.Snapshot) *Report {
	r := &Report{Snapshot: s, States: s.States}
	last := a.last
	before := a.follow(s, r)
	if before == s.Clock {
		last = nil
	}

	var blocked source.PortSet
	blockers(s, &blocked)
	a.bound.update(s, &blocked)
	blocked.Union(&a.bound.first)
	space := newPortSpace(s, &blocked)
	r.Ports = space.totals

	f := &assessment{
		counting: counting{space: space, snap: s}, memory: a, tally: &a.tally, report: r,
		reuse: reuseRuleOf(s), before: before, parity: parityKernel(s),
		explainAll: a.last.hasChanged || !s.RangeKnown,
		uncertain:  a.bound.uncertain(s), services: newServiceTable(s),
	}
	f.delay = f.reuse.delay
	if last != nil {
		f.counters = &last.counters
	}
	f.blocked, f.allSince = &blocked, last != nil && last.followed
	f.flows()
	a.last.followed, a.last.live = f.all, f.opened.live
	f.lowerBounds(f.opened.hidden(last, a.last))
	f.finish()
	a.places.sweep(s.Clock)
	return r
}

// follow puts s after the frame before, and returns the clock of that one, or
// of s where there is none.
func (a *Assessor) follow(s *source.Snapshot, r *Report) (before uint32) {
	p := a.last
	if p != nil && p.otherSeries(s) {
		*a = Assessor{}
		p = nil
	}
	now := &lastFrame{clock: s.Clock, states: s.States, host: s.Host, ports: s.Range, reserved: s.Reserved, counters: s.Counters}
	a.last = now
	before = s.Clock
	if p != nil {
		before = p.clock
		r.Elapsed = time.Duration(elapsed(s.Clock, before)) * time.Millisecond
		r.Change = new([source.NumStates]int)
		for i := range r.Change {
			r.Change[i] = int(s.States[i]) - int(p.states[i])
		}
		now.followRange(p)
	}
	a.timestamps.observe(sysctlVerdict(s), s.Clock, before)
	return before
}

func (l *lastFrame) otherSeries(s *source.Snapshot) bool {
	return int32(s.Clock-l.clock) < 0 || l.host.Cookie != s.Host.Cookie || l.host.BootID != s.Host.BootID
}

// followRange notes when the range or the reserved ports changed last.
func (l *lastFrame) followRange(before *lastFrame) {
	l.changed, l.hasChanged = before.changed, before.hasChanged
	if before.ports != l.ports || before.reserved != l.reserved {
		l.changed, l.hasChanged = l.clock, true
	}
	if elapsed(l.clock, l.changed) > timeWaitMS {
		l.hasChanged = false
	}
}

// flows accounts for every flow, in one pass over the sockets.
func (a *assessment) flows() {
	flows := a.snap.Flows
	outgoing := 0
	for i := range flows {
		if flows[i].Role == source.RoleOutgoing {
			outgoing++
		}
	}
	a.report.Destinations = make([]Destination, 0, outgoing)
	a.all = outgoing <= MaxSeries
	for i := range flows {
		f := &flows[i]
		if f.Role == source.RoleOutgoing {
			a.destination(f, i)
			continue
		}
		states := statesOf(a.snap.SocketsOf(i))
		a.report.TimeWait.Inbound += int(states[source.StateTimeWait])
		a.services.credit(f, i, &states)
	}
}

// destination accounts for one outgoing flow.
func (a *assessment) destination(f *source.Flow, flow int) {
	t, space := a.tally, a.space
	socks := a.snap.SocketsOf(flow)
	m := a.memory.places.recall(f, a.snap.Clock)
	a.eraAge = a.eraAgeOf(f, m)
	t.count(&a.counting, socks)
	m = a.remember(f, m)
	e := a.epochOf(f, m)

	r := a.reuse.reusable(f, t, &e, false)
	bindFirst := 0
	if m != nil && a.parity {
		full := space.available(t, r) <= space.leftOut()
		explained := a.explainAll || a.memory.spilled && elapsed(a.snap.Clock, a.memory.spilledAt) <= timeWaitMS
		bindFirst = m.bindFirst(t, space, a.snap.Clock, full, r.known && r.total() > 0, explained)
		if bindFirst > 0 {
			r = a.reuse.reusable(f, t, &e, true)
		}
		if m.spills(t, space, bindFirst, a.snap.Clock) {
			a.memory.spilled, a.memory.spilledAt = true, m.spilledAt
			if r.total() > 0 {
				r = reusable{}
			}
		}
	}
	d := Destination{
		Local: f.Local.IP(), Remote: f.RemoteAddrPort(), Device: f.Device, Flow: flow,
		States: t.stateCounts(), Ports: portUse(t, space, r, bindFirst),
	}
	if r.known {
		d.Ports.Reusable = a.ints.put(r.total())
	}
	d.Ports.SlowConnect = a.parity && space.slow(t, r)
	a.history(&d, t)
	if a.all {
		a.series(&d, t)
	}
	a.foresee(&d, f, m, &e, bindFirst)
	a.report.Destinations = append(a.report.Destinations, d)
	t.reset(socks)
}

// finish does what needs all flows.
func (a *assessment) finish() {
	a.exactness()
	a.totals()
	a.sortDestinations()
	a.lateSeries()
	a.report.Services = a.services.rows
	sortServices(a.report.Services)
	a.owners()
	a.holdings()
	a.report.Gaps = a.gaps()
	a.judge()
}

// judge asks the rules, and says the worst that they found.
func (a *assessment) judge() {
	if a.memory.rules == nil {
		a.memory.rules = rules()
	}
	a.report.Findings = findings(a.memory.rules, &scene{Report: a.report, before: a.counters})
	a.report.Headline = headline(a.report)
}

func (a *assessment) totals() {
	w := &a.report.TimeWait
	w.MaxBuckets = sysctlInt(a.snap, sysctl.MaxTWBuckets)
	reusable := 0
	known := true
	for i := range a.report.Destinations {
		d := &a.report.Destinations[i]
		w.Outbound += int(d.States[source.StateTimeWait])
		reusable += zeroIfNil(d.Ports.Reusable)
		known = known && d.Ports.Reusable != nil
	}
	if known {
		w.Reusable = &reusable
	}
}

// gaps are the snapshot's, and what follows from them for the report.
func (a *assessment) gaps() []string {
	gaps := slices.Clone(a.snap.Gaps)
	if !a.snap.RangeKnown {
		gaps = append(gaps, fmt.Sprintf("ip_local_port_range is not known: %v is assumed, and what is free with it", a.snap.Range))
	}
	if a.snap.Ambiguous > 0 {
		gaps = append(gaps, fmt.Sprintf("of %s it cannot be told whether a listener left them behind: fewer ports may be free than shown",
			Plural(a.snap.Ambiguous, "connection")))
	}
	if a.uncertain {
		gaps = append(gaps, "a port that was bound is still held by a client: this kernel may keep it from connect()")
	}
	return gaps
}
