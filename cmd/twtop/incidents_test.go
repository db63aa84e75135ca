package main

import (
	"testing"

	"github.com/359a26c5/twtop/fixtures"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// What findings are called in the phases.
const (
	exhausted    = "critical port-exhaustion"
	nearly       = "critical port-pressure"
	pressed      = "warning port-pressure"
	slowly       = "warning slow-connect"
	leaks        = "warning close-wait-leak"
	unanswered   = "warning syn-sent-pileup"
	bindsFirst   = "notice bind-before-connect"
	bindsInNeed  = "warning bind-before-connect"
	serverCloses = "notice server-closes-first"
)

const backend = "127.0.0.1:4001"

// incidentTests are what must be found in each incident, in the words of its
// README.md. Moments are seconds after the first frame.
var incidentTests = map[string]func(*incidentRun){
	"nginx-upstream":      nginxUpstream,
	"nginx-widened":       nginxWidened,
	"python-loop":         pythonLoop,
	"keepalive-cure":      keepaliveCure,
	"nonloopback":         nonLoopback,
	"close-wait-leak":     closeWaitLeak,
	"load-balancer-502":   loadBalancer,
	"bind-before-connect": bindBeforeConnect,
	"syn-sent-blackhole":  synSentBlackhole,
	"healthy-proxy":       healthyProxy,
}

// TestIncidents replays each built-in incident through the diagnosis. With -v it
// prints which findings there were when.
func TestIncidents(t *testing.T) {
	for _, in := range fixtures.All() {
		t.Run(in.Name, func(t *testing.T) {
			t.Parallel()
			hold := incidentTests[in.Name]
			if hold == nil {
				t.Fatal("nothing is held of it")
			}
			r := runIncident(t, in.Name)
			r.logTable()
			hold(r)
		})
	}
	if n := len(fixtures.All()); n != len(incidentTests) {
		t.Errorf("%d incidents, %d are held", n, len(incidentTests))
	}
}

func nginxUpstream(r *incidentRun) {
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 18, headline: "No trouble found"},
		{from: 22, to: 32, must: []string{pressed}, headline: backend + " runs out of local ports"},
		{from: 35, to: 51, must: []string{pressed, slowly}, headline: backend + " runs out of local ports"},
		{from: out + 1, to: 65.5, must: []string{exhausted}, headline: backend + " has no local port left"},
		{from: 67.5, to: 200, headline: "No trouble found"},
	})
	r.foresees(backend, 17, out)
	r.wants(backend, out+1, 65.5, 600)
	r.says(backend, 64, map[diagnosis.Change]string{
		diagnosis.ChangeReuse: "yes", diagnosis.ChangeRange: "yes", diagnosis.ChangeKeepalive: "yes"})
	r.allFine("requests", 0, 55)
	r.allFine("requests", 68, 107)
	r.ownedBy(backend, "nginx.service")
}

func nginxWidened(r *incidentRun) {
	first := r.firstFailure("requests", 0)
	again := r.firstFailure("requests", 40)
	r.holds([]phase{
		{from: 0, to: 12, headline: "No trouble found"},
		{from: 16, to: 18, must: []string{pressed}, may: []string{slowly}},
		{from: 20, to: 26, must: []string{pressed, slowly}, headline: backend + " runs out of local ports"},
		{from: first + 1.2, to: 34.5, must: []string{exhausted}, headline: backend + " has no local port left"},
		{from: 36.5, to: 43, must: []string{pressed}, headline: "runs out again"},
		{from: 46, to: 50, must: []string{pressed, slowly}, headline: "runs out again"},
		{from: again + 1.2, to: 70, must: []string{exhausted}, headline: backend + " has no local port left"},
		{from: 70, to: 200, may: []string{exhausted, nearly, slowly}, headline: backend},
	})
	r.foresees(backend, 15, first)
	r.foresees(backend, 36.5, again)
	r.wants(backend, first+1.2, 34.5, 150)
	r.says(backend, 34, map[diagnosis.Change]string{
		diagnosis.ChangeReuse: "yes", diagnosis.ChangeRange: "no", diagnosis.ChangeKeepalive: "yes"})
	const widened = 35
	for _, w := range destinationTo(r.at(34), backend).Forecast.WhatIf {
		if w.Change == diagnosis.ChangeRange {
			if told, was := w.Exhausted.Seconds(), again-widened; told < was-2 || told > was+2 {
				r.t.Errorf("the wider range is said to do for %.1f s; it did for %.1f s", told, was)
			}
		}
	}
}

func pythonLoop(r *incidentRun) {
	first := r.firstFailure("requests", 0)
	again := r.firstFailure("requests", 85)
	r.holds([]phase{
		{from: 0, to: 16, headline: "No trouble found"},
		{from: 20, to: 26, must: []string{pressed}, headline: backend + " runs out of local ports"},
		{from: 29, to: 41, must: []string{pressed, slowly}},
		{from: first + 1.2, to: 69, must: []string{exhausted}, headline: backend + " has no local port left"},
		{from: 75, to: again - 1, must: []string{nearly}, may: []string{slowly}, headline: "runs out again in about"},
		{from: again + 1.2, to: 200, must: []string{exhausted}},
	})
	r.foresees(backend, 17, first)
	r.foresees(backend, 76, again)
	r.wants(backend, first+1.2, 69, 80)
	r.says(backend, 60, map[diagnosis.Change]string{ // 80/s are at the edge of 92/s
		diagnosis.ChangeReuse: "yes", diagnosis.ChangeRange: "unknown", diagnosis.ChangeKeepalive: "yes"})
	r.ownedBy(backend, "python3")
}

func nonLoopback(r *incidentRun) {
	const to = "10.0.3.7:4001"
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 17, headline: "No trouble found"},
		{from: 21, to: 27, must: []string{pressed}, headline: to + " runs out of local ports"},
		{from: 30, to: 40, must: []string{pressed, slowly}},
		{from: out + 1.2, to: 61.5, must: []string{exhausted}, headline: to + " has no local port left"},
		{from: 63.5, to: 200, headline: "No trouble found"},
	})
	r.foresees(to, 17, out)
	r.wants(to, out+1.2, 61.5, 80)
	r.says(to, 60, map[diagnosis.Change]string{diagnosis.ChangeReuse: "yes", diagnosis.ChangeKeepalive: "yes"})
	if v, _ := r.at(60).Snapshot.Sysctl("net.ipv4.tcp_tw_reuse"); v != "2" {
		r.t.Errorf("tcp_tw_reuse was %q", v)
	}
	r.allFine("requests", 64, 94)
}

func keepaliveCure(r *incidentRun) {
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 18, headline: "No trouble found"},
		{from: 22, to: 28, must: []string{pressed}, headline: backend + " runs out of local ports"},
		{from: 30, to: 43, must: []string{pressed, slowly}},
		{from: out + 1.2, to: 61, must: []string{exhausted}, headline: backend + " has no local port left"}, // the reload at 54 s changes nothing
		{from: 63, to: 76, must: []string{nearly}, may: []string{slowly}},
		{from: 80, to: 200, headline: "No trouble found"},
	})
	r.foresees(backend, 19, out)
	r.wants(backend, out+1.2, 61, 75)
	r.says(backend, 58, map[diagnosis.Change]string{
		diagnosis.ChangeReuse: "yes", diagnosis.ChangeRange: "yes", diagnosis.ChangeKeepalive: "yes"})
	if d := destinationTo(r.at(73), backend); d.Demand == nil || d.Demand.PerSecond > 1 {
		r.t.Errorf("ten seconds after the cure the demand is %+v", d.Demand)
	}
	if d := destinationTo(r.reports[len(r.reports)-1], backend); d.Ports.Used > 40 {
		r.t.Errorf("in the end %d ports are in use", d.Ports.Used)
	}
	r.allFine("requests", 64, 124)
	r.ownedBy(backend, "nginx.service")
}

func closeWaitLeak(r *incidentRun) {
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 35, headline: "No trouble found"},
		{from: 35, to: 43, may: []string{pressed, leaks}},
		{from: 43, to: 50, must: []string{pressed, leaks}, headline: backend + " runs out of local ports"},
		{from: 54, to: 87, must: []string{pressed, slowly, leaks}},
		{from: 91, to: out - 1, must: []string{nearly, slowly, leaks}},
		{from: out + 1.5, to: 111.5, must: []string{exhausted, leaks}, headline: backend + " has no local port left"},
		{from: 114, to: 200, headline: "No trouble found"},
	})
	r.foresees(backend, 40, out)
	for _, second := range []float64{60, 90, 105} { // nothing but to close them is
		for _, c := range []diagnosis.Change{diagnosis.ChangeReuse, diagnosis.ChangeRange, diagnosis.ChangeBoth, diagnosis.ChangeKeepalive} {
			if got := r.enough(backend, second, c); got == "yes" {
				r.t.Errorf("at %v s %s is said to be enough", second, c)
			}
		}
	}
	r.ownedBy(backend, "python3")
}

func loadBalancer(r *incidentRun) {
	const server = "10.0.3.4:8080"
	r.holds([]phase{
		{from: 0, to: 20, headline: "No trouble found"},
		{from: 20, to: 30, may: []string{serverCloses}},
		{from: 30, to: 71, must: []string{serverCloses}, headline: server + " closes connections before its clients do"},
		{from: 71, to: 110, must: []string{serverCloses}}, // of before the cure
		{from: 110, to: 135, may: []string{serverCloses}},
		{from: 135, to: 200, headline: "No trouble found"},
	})
	if _, failed := r.counted("requests", 0, 72); failed < 10 {
		r.t.Errorf("%d 502s before the cure", failed)
	}
	r.allFine("requests", 80, 140)
}

func bindBeforeConnect(r *incidentRun) {
	const to = "127.0.0.1:4002"
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 9.5, headline: "No trouble found"},
		{from: 12, to: 35, must: []string{bindsFirst}, headline: "A client of 127.0.0.1 → " + to + " seems to bind before connect()"},
		{from: 43, to: out - 1, must: []string{nearly, bindsInNeed}, headline: to + " has "},
		{from: out + 1, to: 61, must: []string{exhausted, bindsInNeed}, headline: to + " has no free port"},
		{from: 61, to: 80, may: []string{exhausted, nearly, slowly, bindsInNeed}, headline: to},
		{from: 100, to: 147, must: []string{bindsFirst}}, // of before the cure
		{from: 152, to: 200, headline: "No trouble found"},
	})
	if _, failed := r.counted("job", 55, 72); failed < 60 {
		r.t.Errorf("connect() of the job failed %d times", failed)
	}
	if got := r.enough(to, 50, diagnosis.ChangeReuse); got == "yes" {
		r.t.Errorf("tcp_tw_reuse is said to be enough for clients that bind first")
	}
	for i, report := range r.reports {
		for _, f := range report.Findings {
			if f.Destination >= 0 && report.Destinations[f.Destination].Remote.String() == backend {
				r.t.Errorf("at %.1f s: %s is said of the job", r.seconds[i], f.ID)
			}
		}
	}
	r.allFine("requests", 78, 169)
	r.allFine("job", 78, 169)
}

func synSentBlackhole(r *incidentRun) {
	const to = "10.0.3.7:8080"
	out := r.firstFailure("requests", 0)
	r.holds([]phase{
		{from: 0, to: 10, headline: "No trouble found"},
		{from: 13, to: 22, must: []string{unanswered}, headline: to + " does not answer"},
		{from: 26, to: 44, must: []string{pressed, unanswered}},
		{from: 47, to: 72, must: []string{pressed, slowly, unanswered}},
		{from: 75, to: out - 1, must: []string{nearly, slowly, unanswered}},
		{from: out + 1, to: 99, must: []string{exhausted, unanswered}, headline: to + " has no local port left"},
		{from: 103.5, to: 111, must: []string{unanswered}, headline: to + " does not answer"},
		{from: 114, to: 200, headline: "No trouble found"},
	})
	r.foresees(to, 26, out)
	r.wants(to, out+1, 99, 40)
	for _, c := range []diagnosis.Change{diagnosis.ChangeReuse, diagnosis.ChangeRange, diagnosis.ChangeBoth, diagnosis.ChangeKeepalive} {
		if got := r.enough(to, 90, c); got == "yes" {
			r.t.Errorf("%s is said to be enough where nobody answers", c)
		}
	}
	r.allFine("requests", 116, 129)
	r.ownedBy(to, "node")
}

func healthyProxy(r *incidentRun) {
	r.holds([]phase{{from: 0, to: 200, headline: "No trouble found"}})
	d := destinationTo(r.reports[len(r.reports)-1], backend)
	if u := d.Ports; u.Used < 1350 || u.Used > 1500 || u.Reusable == nil || *u.Reusable < 1100 || u.Pressure > 10 {
		r.t.Errorf("%+v", u)
	}
	r.wants(backend, 5, 200, 150)
	r.allFine("requests", 0, 59)
}
