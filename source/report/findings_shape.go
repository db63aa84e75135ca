package report

import "github.com/359a26c5/twtop/source/diagnosis"

type headlineShape struct {
	Severity string  `json:"severity"`
	Text     string  `json:"text"`
	Evidence *string `json:"evidence"`
	Action   *string `json:"action"`  // what to do next
	Finding  *string `json:"finding"` // the id of what it says
}

func shapeHeadline(r *diagnosis.Report) headlineShape {
	h := &r.Headline
	s := headlineShape{
		Severity: h.Severity.String(), Text: sentence(h.Text),
		Evidence: told(h.Evidence), Action: told(h.Action),
	}
	if h.Finding >= 0 && h.Finding < len(r.Findings) {
		s.Finding = known(string(r.Findings[h.Finding].ID))
	}
	return s
}

type findingShape struct {
	ID         string        `json:"id"`
	Severity   string        `json:"severity"`
	Confidence string        `json:"confidence"`
	Subject    string        `json:"subject"`
	Claim      string        `json:"claim"`
	Evidence   []string      `json:"evidence"`
	Remedies   []remedyShape `json:"remedies"`
}

type remedyShape struct {
	Kind   string  `json:"kind"`
	Text   string  `json:"text"`
	Effect *string `json:"effect"`
	Enough *bool   `json:"enough"`
	Key    *string `json:"key"`   // of a sysctl,
	Value  *string `json:"value"` // and what it should be
	Page   *string `json:"page"`  // of twtop explain
}

func shapeFinding(f *diagnosis.Finding) findingShape {
	s := findingShape{
		ID: string(f.ID), Severity: f.Severity.String(), Confidence: string(f.Confidence),
		Subject: sentence(f.Subject), Claim: sentence(f.Claim),
		Evidence: make([]string, len(f.Evidence)),
		Remedies: make([]remedyShape, len(f.Remedies)),
	}
	for i, e := range f.Evidence {
		s.Evidence[i] = sentence(e)
	}
	for i := range f.Remedies {
		m := &f.Remedies[i]
		s.Remedies[i] = remedyShape{
			Kind: string(m.Kind), Text: sentence(m.Text), Effect: told(m.Effect), Enough: m.Enough,
			Key: told(m.Key), Value: told(m.Value), Page: told(m.Page),
		}
	}
	return s
}
