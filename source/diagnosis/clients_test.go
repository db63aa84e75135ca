package diagnosis

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestCureOfTheClient: where it is known who opens the connections, the cure is
// that program's, in the findings and in the headline.
func TestCureOfTheClient(t *testing.T) {
	const plain = "keep connections open"
	for _, c := range []struct {
		name, remote string
		share        float64
		page, cure   string
	}{
		{"nginx", backend, 0.9, PageNginx, "set keepalive in nginx's upstream block"},
		{"haproxy", backend, 0.9, PageHAProxy, plain + " in HAProxy"},
		{"envoy", backend, 0.9, PageEnvoy, plain + " in Envoy"},
		{"node", backend, 0.9, PageNode, plain + " in Node"},
		{"python3.11", backend, 0.9, PagePython, plain + " in Python"},
		{"gunicorn", backend, 0.9, PagePython, plain + " in Python"},
		{"java", backend, 0.9, PageJava, plain + " in Java"},
		{"php-fpm8.2", backend, 0.9, PagePHP, plain + " in PHP"},
		{"php", backend, 0.9, PagePHP, plain + " in PHP"},
		{"checkout", backend, 0.9, PageKeepalive, plain},
		{"nginx-exporter", backend, 0.9, PageKeepalive, plain},
		{"nginx", backend, 0.4, PageKeepalive, plain}, // more is unknown
		{"", backend, 0.9, PageKeepalive, plain},
		{"python3", "127.0.0.1:5432", 0.9, PageDatabasePools, plain},
		{"php-fpm8.2", "127.0.0.1:6379", 0.9, PageRedis, plain},
	} {
		w := newWorld()
		for i := range 100 {
			w.waiting(lo, 20000+i, c.remote, 100*i)
		}
		r := assess(w)
		d := only(r)
		d.Owners = &Owners{All: []Owner{{Process: source.Process{PID: 7, Name: c.name}, Share: c.share, Basis: OwnerSampled}}, Unknown: 1 - c.share}
		r.Findings = new(portExhaustionRule).look(&scene{Report: r})
		if len(r.Findings) != 1 {
			t.Fatalf("%s: %+v", c.name, r.Findings)
		}
		var got *Remedy
		for i := range r.Findings[0].Remedies {
			if m := &r.Findings[0].Remedies[i]; m.Kind == RemedyApplication {
				got = m
				break
			}
		}
		if got == nil || got.Page != c.page || inShort(got.Text) != c.cure {
			t.Errorf("%s of %.0f %% to %s: %+v", c.name, 100*c.share, c.remote, got)
		}
		if action := r.verdict(0).Action; !strings.HasSuffix(action, "cure: "+c.cure) {
			t.Errorf("%s: %s", c.name, action)
		}
	}
}
