package diagnosis

import "fmt"

// portExhaustionRule tells port-exhaustion: nothing free and nothing reusable,
// so that connect() fails with EADDRNOTAVAIL, which the kernel counts nowhere
// (__inet_hash_connect, net/ipv4/inet_hashtables.c).
type portExhaustionRule struct {
	outages outages
	strains strains
}

func (p *portExhaustionRule) look(s *scene) []Finding {
	p.outages.frame(s)
	s.held = p.strains.frame(s)
	if s.Ports.Capacity == 0 {
		return []Finding{s.noRange()}
	}
	return s.shortages().exhausted.findings(s.Report, func(d *Destination) Finding {
		f := Finding{
			ID: PortExhaustion, Severity: SeverityCritical, Confidence: Certain,
			Claim:    p.noneLeftWords(s, d),
			Evidence: portEvidence(d), Remedies: s.portRemedies(d),
		}
		switch {
		case d.Ports.Reusable != nil:
		case wholeHalf(d.Ports.BindFirst, d.Ports.Capacity/2): // theirs are not reused, whatever is set
			f.Confidence = Likely
			f.Claim = fmt.Sprintf("%v has no free port: bind() before connect() fails (errno 98)", d)
			if ms, _ := p.outages.lasted(s, d); ms > 0 {
				f.Claim += ", for " + lasting(ms) + " now"
			}
		default:
			f.Confidence = Likely
			f.Claim = fmt.Sprintf("%v has no free port: connect() may fail (errno 99), as reuse of TIME-WAITs is not known", d)
		}
		return f
	})
}

// noneLeftWords says for how many ms that has been so, as far as it was seen.
func (p *portExhaustionRule) noneLeftWords(s *scene, d *Destination) string {
	switch ms, atLeast := p.outages.lasted(s, d); {
	case ms == 0:
		return fmt.Sprintf("%v has no local port left: connect() fails now (errno 99)", d)
	case atLeast:
		return fmt.Sprintf("%v has no local port left: connect() fails (errno 99), for at least %s now", d, lasting(ms))
	default:
		return fmt.Sprintf("%v has no local port left: connect() fails (errno 99), for %s now", d, lasting(ms))
	}
}

// noRange: every port of the range is reserved or bound.
func (s *scene) noRange() Finding {
	f := Finding{
		ID: PortExhaustion, Severity: SeverityCritical, Confidence: Certain,
		Subject: "every destination", Destination: -1, Service: -1,
		Claim: fmt.Sprintf("No local port can be given out: all of %v are reserved or bound", s.Ports.Range),
		Evidence: []string{fmt.Sprintf("%s reserved by ip_local_reserved_ports, %s taken by listeners and bound sockets; connect() fails with errno 99.",
			Grouped(s.Ports.Reserved), Grouped(s.Ports.Bound))},
	}
	if s.Ports.Assumed {
		f.Confidence = Possible
	}
	f.Remedies = append(f.Remedies, s.widen())
	if s.Ports.Reserved > 0 {
		f.Remedies = append(f.Remedies, Remedy{Kind: RemedySystem,
			Text: "take the ports that no service needs out of net.ipv4.ip_local_reserved_ports"})
	}
	return f
}
