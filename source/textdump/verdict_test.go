package textdump_test

import (
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/diagnosis"
)

func TestVerdictTmp(t *testing.T) {
	for name := range incidents {
		var a diagnosis.Assessor
		r := a.Assess(parse(t, paste(t, name, "ss-tano.txt", "ss-ltnp.txt", "sysctl-key.txt")))
		t.Logf("== %s %+v", name, r.Headline)
		for _, f := range r.Findings {
			t.Logf("%+v", f)
		}
		for _, d := range r.Destinations {
			t.Logf("%v next %v closes %v demand %+v forecast %+v reusable %v", d.Remote, d.NextRelease, d.Closes, d.Demand, d.Forecast, d.Ports.Reusable)
		}
		t.Log(r.Gaps)
		_ = time.Now
	}
}
