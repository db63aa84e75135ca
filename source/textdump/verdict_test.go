package textdump_test

import (
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// verdict is what is said of an incident from each form of its texts.
func verdict(t *testing.T, incident string, form []string) *diagnosis.Report {
	t.Helper()
	var a diagnosis.Assessor
	return a.Assess(parse(t, paste(t, incident, form...)))
}

// formsOf are the forms of an incident's texts, as far as they are kept.
func formsOf(incident string) [][]string {
	forms := [][]string{
		{"ss-tano.txt", "sysctl-key.txt"},
		{"sysctl-key.txt", "netstat-tnao.txt"},
		{"ss-s.txt", "ss-ltnp.txt", "ss-tano.txt", "netstat-tnao.txt", "sysctl-key.txt"},
	}
	if kept(incident + "/proc_net_tcp.txt") {
		forms = append(forms, []string{"sysctl-key.txt", "proc_net_tcp.txt", "proc_net_tcp6.txt"})
	}
	return forms
}

// finding is the finding of that kind about a subject, nil for none.
func finding(r *diagnosis.Report, id diagnosis.ID, subject string) *diagnosis.Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.ID == id && strings.Contains(f.Subject+f.Claim, subject) {
			return f
		}
	}
	return nil
}

// remedy is the remedy that sets a sysctl, nil for none.
func remedy(f *diagnosis.Finding, key string) *diagnosis.Remedy {
	for i := range f.Remedies {
		if f.Remedies[i].Key == key {
			return &f.Remedies[i]
		}
	}
	return nil
}

// TestVerdicts holds that each reproduced incident is told from its texts, with
// what would help: tcp_tw_reuse=1 at once on the loopback with timestamps; off the
// loopback 2 does nothing; no sysctl cures sockets that nobody closes.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		incident, subject, reuse string
		enough                   bool
		demand                   [2]float64 // what the programs wanted, at the least and at the most
	}{
		{"nginx-upstream", "127.0.0.1:4001", "0", true, [2]float64{1300, 1600}},
		{"python-loop", "127.0.0.1:4001", "0", true, [2]float64{700, 1100}},
		{"nonloopback", "10.78.0.2:4001", "2", false, [2]float64{700, 1100}},
	} {
		for _, form := range formsOf(c.incident) {
			r := verdict(t, c.incident, form)
			f := finding(r, diagnosis.PortExhaustion, c.subject)
			if f == nil || f.Severity != diagnosis.SeverityCritical || f.Confidence != diagnosis.Certain {
				t.Errorf("%s %v: %+v", c.incident, form, r.Findings)
				continue
			}
			if !strings.Contains(r.Headline.Text, c.subject) {
				t.Errorf("%s %v: %s", c.incident, form, r.Headline.Text)
			}
			d := &r.Destinations[f.Destination]
			if d.Ports.Free != 0 || d.Ports.Reusable == nil || *d.Ports.Reusable != 0 || d.Demand == nil ||
				d.Demand.PerSecond < c.demand[0] || d.Demand.PerSecond > c.demand[1] {
				t.Errorf("%s %v: %+v, demand %+v", c.incident, form, d.Ports, d.Demand)
			}
			if v, _ := r.Snapshot.Sysctl("net.ipv4.tcp_tw_reuse"); v != c.reuse {
				t.Errorf("%s %v: tcp_tw_reuse %q", c.incident, form, v)
			}
			m := remedy(f, "net.ipv4.tcp_tw_reuse")
			if m == nil || m.Value != "1" || (m.Enough != nil && *m.Enough) != c.enough {
				t.Errorf("%s %v: %+v", c.incident, form, m)
			}
		}
	}
}

// TestMinuteInAllForms holds that the last minute is the same in all forms, as
// far as they were taken one or two seconds after one another and ss shows whole
// seconds only.
func TestMinuteInAllForms(t *testing.T) {
	for _, incident := range []string{"nginx-upstream", "python-loop", "nonloopback"} {
		var next [2]float64
		for i, form := range formsOf(incident)[:2] {
			d := &verdict(t, incident, form).Destinations[0]
			if d.Closes == nil || d.NextRelease == nil {
				t.Fatalf("%s %v tells no minute", incident, form)
			}
			sum := 0
			for _, n := range d.Closes {
				sum += int(n)
			}
			if sum != 28232 {
				t.Errorf("%s %v: %d closes in the last minute", incident, form, sum)
			}
			next[i] = d.NextRelease.Seconds()
		}
		if diff := next[0] - next[1]; diff < -1 || diff > 3 {
			t.Errorf("%s: the first port comes back in %v", incident, next)
		}
	}
}

// TestLeak holds that sockets nobody closes are told, as possible where the text
// does not have their ages, as with -i, and that no sysctl is called enough.
func TestLeak(t *testing.T) {
	const incident, server = "close-wait-leak", "127.0.0.1:4001"
	for _, form := range formsOf(incident) {
		r := verdict(t, incident, form)
		if f := finding(r, diagnosis.CloseWaitLeak, server); f == nil || f.Confidence != diagnosis.Possible {
			t.Errorf("%v: no leak is told: %+v", form, r.Findings)
		}
		f := finding(r, diagnosis.PortExhaustion, server)
		if f == nil || f.Remedies[0].Kind != diagnosis.RemedyApplication {
			t.Fatalf("%v: %+v", form, f)
		}
		for _, m := range f.Remedies {
			if m.Kind == diagnosis.RemedySysctl && m.Enough != nil && *m.Enough {
				t.Errorf("%v: %+v", form, m)
			}
		}
	}
	aged := eachLine(paste(t, incident, "ss-tano.txt"), func(_ int, l string) string {
		if strings.HasPrefix(l, "CLOSE-WAIT") {
			l += "\n\t ts sack cubic rto:204 rtt:0.03/0.015 mss:32768 cwnd:10 lastsnd:90000 lastrcv:90000 lastack:90000"
		}
		return l
	})
	var a diagnosis.Assessor
	r := a.Assess(parse(t, aged+paste(t, incident, "sysctl-key.txt")))
	f := finding(r, diagnosis.CloseWaitLeak, server)
	if f == nil || f.Confidence == diagnosis.Possible || !strings.Contains(f.Claim, "1,000") {
		t.Errorf("%+v", r.Findings)
	}
}
