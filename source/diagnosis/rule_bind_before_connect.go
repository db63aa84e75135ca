package diagnosis

import "fmt"

// bindBeforeConnectRule tells bind-before-connect: clients whose ports are
// those that bind(0) takes first, and connect() last. Such a port is taken from
// every destination (see bindfirst.go).
type bindBeforeConnectRule struct{}

// A destination's clients are spoken of from so many such ports on, and where
// the host has enough ports if they are one in a hundred of all.
const (
	fewBound   = 10
	boundShare = 100
)

func (*bindBeforeConnectRule) look(s *scene) []Finding {
	short := s.shortages()
	severity, of := SeverityNotice, &short.manyBound
	if short.pressing() {
		severity, of = SeverityWarning, &short.bound
	}
	return of.findings(s.Report, func(d *Destination) Finding {
		u := &d.Ports
		f := Finding{
			ID: BindBeforeConnect, Severity: severity, Confidence: Possible,
			Claim: fmt.Sprintf("A client of %v seems to bind before connect(): it takes %s from all destinations",
				d, Plural(u.BindFirst, "port")),
			Evidence: boundEvidence(s, u),
			Remedies: bindRemedies(),
		}
		if 10*u.BindFirst >= u.Used {
			f.Confidence = Likely
		}
		return f
	})
}

func boundEvidence(s *scene, u *PortUse) []string {
	low := s.Ports.Range.Low
	out := []string{
		fmt.Sprintf("%s of its %s are %s: bind() takes those first, connect() the %s ones; they are %.1f %% of all %s.",
			Grouped(u.BindFirst), Plural(u.Used, "port"), parityWord(low+1), parityWord(low),
			100*float64(u.BindFirst)/float64(u.Capacity), Grouped(u.Capacity)),
		"Where none is left, bind() fails with errno 98, \"Address already in use\", and connect() with errno 99.",
	}
	if wholeHalf(u.BindFirst, u.Capacity/2) {
		out = append(out, fmt.Sprintf("Those are all %s ports: it takes %s ones too by now, which does not show.", parityWord(low+1), parityWord(low)))
	}
	return out
}

// bindRemedies: the port is to be chosen by connect(), for one destination
// (IP_BIND_ADDRESS_NO_PORT, Linux 4.2).
func bindRemedies() []Remedy {
	return []Remedy{
		{Kind: RemedyApplication, Page: PageBindAddressNoPort,
			Text:   "set IP_BIND_ADDRESS_NO_PORT before bind(), or do not bind",
			Effect: "connect() then chooses the port, and takes it for one destination only"},
		{Kind: RemedyApplication, Page: PageBindAddressNoPort,
			Text:   "update nginx (proxy_bind) or HAProxy (source), and name no port there",
			Effect: "later releases set that option themselves where no port is named"},
	}
}
