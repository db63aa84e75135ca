package ui

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// frame is a report made ready for the screen. Every string of it that came
// from outside is clean. It is made off the UI's goroutine and not changed,
// but for order, which a new sorting or filter replaces.
type frame struct {
	report *diagnosis.Report

	host, kernel, netns string
	kind                source.Kind
	taken               time.Time
	gaps                []string
	headline, narrow    diagnosis.Headline
	verdict             source.Verdict      // clean; for the list of namespaces
	pointer             pointer             // from the headline to the findings
	findings            []diagnosis.Finding // clean
	sysctls             []sysctlRow
	owners              []ownerRow
	six                 bool // there are IPv6 addresses that need room

	order order
}

// maxGaps bounds how many gaps are kept for the screen.
const maxGaps = 32

// newFrame makes a frame; tuned tells that a key leads to the plan.
func newFrame(r *diagnosis.Report, catalogue []sysctl.Key, tuned bool) *frame {
	s := r.Snapshot
	plan := sysctl.NewPlan(sysctl.FactsOf(s, r.Needs()))
	f := &frame{
		report: r, kind: s.Kind, taken: s.Taken,
		host: clean(s.Host.Name), kernel: clean(s.Host.Kernel), netns: clean(s.Host.NetNS),
		headline: cleanHeadline(r),
		findings: cleanFindings(r.Findings),
		sysctls:  sysctlRows(s, catalogue, &plan),
		owners:   ownerRows(r),
		six:      hasSix(r),
	}
	if tuned && f.headline.BySysctl && len(plan.Chosen()) > 0 {
		f.headline.Action = withPlan(f.headline.Action)
	}
	f.verdict = r.Verdict()
	f.verdict.Destination, f.verdict.Headline = clean(f.verdict.Destination), clean(f.verdict.Headline)
	f.narrow = narrowed(f.headline, r)
	f.pointer = pointTo(&f.headline, f.findings)
	for _, g := range r.Gaps[:min(len(r.Gaps), maxGaps)] {
		f.gaps = append(f.gaps, clean(g))
	}
	return f
}

// hasSix looks for addresses longer than any of IPv4's.
func hasSix(r *diagnosis.Report) bool {
	for i := range r.Destinations {
		if longAddr(r.Destinations[i].Remote.Addr()) || longAddr(r.Destinations[i].Local) {
			return true
		}
	}
	return false
}

func longAddr(a netip.Addr) bool { return a.Is6() && len(a.String()) > len("255.255.255.255") }

// cleanFindings copies findings: they hold names of processes and addresses.
func cleanFindings(all []diagnosis.Finding) []diagnosis.Finding {
	out := slices.Clone(all)
	for i := range out {
		f := &out[i]
		f.Subject, f.Claim = clean(f.Subject), clean(f.Claim)
		f.Evidence, f.Remedies = slices.Clone(f.Evidence), slices.Clone(f.Remedies)
		for j := range f.Evidence {
			f.Evidence[j] = clean(f.Evidence[j])
		}
		for j := range f.Remedies {
			m := &f.Remedies[j]
			m.Text, m.Effect = clean(m.Text), clean(m.Effect)
		}
	}
	return out
}

// destKey, serviceKey and findingKey tell rows apart from frame to frame.
type destKey struct {
	local  netip.Addr
	remote netip.AddrPort
	device uint32
}

type serviceKey struct {
	local  netip.AddrPort
	device uint32
}

type findingKey struct {
	id      diagnosis.ID
	subject string
}

func keyOfFinding(f *diagnosis.Finding) findingKey { return findingKey{f.ID, f.Subject} }

func keyOfDest(d *diagnosis.Destination) destKey { return destKey{d.Local, d.Remote, d.Device} }

func keyOfService(s *diagnosis.Service) serviceKey { return serviceKey{s.Local, s.Device} }

// sysctlRow is one key of the catalogue with its value on this host.
type sysctlRow struct {
	key   sysctl.Key
	value string // clean, and cut where it is long
	whole string // as the kernel prints it
	known bool

	advised string // what the plan ticks, clean; "" where it stays as it is
	why     string // what that does
	set     bool   // by twtop, and it can be put back
}

func sysctlRows(s *source.Snapshot, catalogue []sysctl.Key, plan *sysctl.Plan) []sysctlRow {
	rows := make([]sysctlRow, len(catalogue))
	for i, k := range catalogue {
		v, ok := s.Sysctl(k.Name)
		rows[i] = sysctlRow{key: k, value: clean(v), whole: v, known: ok}
		if x := plan.Item(k.Name); x != nil && x.Ticked && x.Changes() {
			rows[i].advised, rows[i].why = clean(x.Want), clean(x.Why)
		}
	}
	return rows
}

// view is what the person has chosen of the rows: it goes along with each read,
// so that filtering and sorting happen where the frame is made.
type view struct {
	gen     int // grows with each change
	filter  diagnosis.Filter
	dests   sorting
	svcs    sorting
	subject subject
}

// order is the rows of a frame as a view wants them.
type order struct {
	gen         int // of the view it was made for
	dests, svcs []int32
	detail      detailRows
}

// arrange works out the order of a report's rows.
func (v *view) arrange(r *diagnosis.Report) order {
	return order{
		gen:    v.gen,
		dests:  sorted(r.Destinations, v.filter.Destination, destColumns, v.dests),
		svcs:   sorted(r.Services, v.filter.Service, serviceColumns, v.svcs),
		detail: v.subject.rows(r),
	}
}

// inlineRows is up to how many rows are arranged at once when a key is pressed;
// more go to a goroutine, for a key is answered within 50 ms.
const inlineRows = 10_000

func small(r *diagnosis.Report) bool {
	return len(r.Destinations)+len(r.Services) <= inlineRows && len(r.Snapshot.Sockets) <= 10*inlineRows
}

func compareAddrPort(a, b netip.AddrPort) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Port(), b.Port()))
}
