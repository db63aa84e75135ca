package diagnosis

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

func destination(local, remote string, states ...source.State) *Destination {
	d := &Destination{Local: netip.MustParseAddr(local), Remote: netip.MustParseAddrPort(remote)}
	for _, s := range states {
		d.States[s]++
	}
	return d
}

func TestFilterDestination(t *testing.T) {
	nginx := destination(lo, backend, source.StateTimeWait, source.StateEstablished)
	db := destination("10.0.2.4", "10.0.3.7:5432", source.StateEstablished)
	six := destination("fd00::1", "[fd00::2]:443", source.StateFinWait2, source.StateSynSent)
	for _, tc := range []struct {
		expr           string
		nginx, db, six bool
	}{
		{"", true, true, true},
		{"   ", true, true, true},
		{"10.0.0.0/8", false, true, false},
		{"10.0.2.0/24", false, true, false},
		{"::ffff:10.0.0.0/104", false, true, false},
		{"fd00::/8", false, false, true},
		{"0.0.0.0/0", true, true, false},
		{":4001", true, false, false},
		{":443", false, false, true},
		{"127.0.0.1:4001", true, false, false},
		{"127.0.0.1:4002", false, false, false},
		{"127.0.0.1:400", false, false, false},
		{"[::ffff:127.0.0.1]:4001", true, false, false},
		{"[fd00::2]:443", false, false, true},
		{"[fd00::1]:443", false, false, false},
		{"state:time-wait", true, false, false},
		{"STATE:TIME_WAIT", true, false, false},
		{"state:TimeWait", true, false, false},
		{"state:estab", true, true, false},
		{"state:established", true, true, false},
		{"state:fin-wait-2", false, false, true},
		{"state:fin_wait2", false, false, true},
		{"state:syn-sent", false, false, true},
		{"state:listen", false, false, false},
		{"10.0.3", false, true, false},
		{"10.0.3.7", false, true, false},
		{"::ffff:10.0.3.7", false, true, false},
		{"fd00::", false, false, true},
		{"FD00::2", false, false, true},
		{"[fd00::2]", false, false, true},
		{"5432", false, true, false},
		{"time-wait", true, false, false},
		{"ESTAB", true, true, false},
		{"!10.0.0.0/8", true, false, true},
		{"!state:time-wait !:443", false, true, false},
		{"state:established !:5432", true, false, false},
		{"10.0.0.0/8 :4001", false, false, false},
		{"nowhere", false, false, false},
		{"!nowhere", true, true, true},
		{"a:b", false, false, false},
	} {
		f, err := ParseFilter(tc.expr)
		if err != nil {
			t.Errorf("%q: %v", tc.expr, err)
			continue
		}
		if a, b, c := f.Destination(nginx), f.Destination(db), f.Destination(six); a != tc.nginx || b != tc.db || c != tc.six {
			t.Errorf("%q takes %v %v %v, want %v %v %v", tc.expr, a, b, c, tc.nginx, tc.db, tc.six)
		}
	}
}

func TestFilterService(t *testing.T) {
	web := &Service{Local: netip.MustParseAddrPort("0.0.0.0:80"), Sockets: 1}
	web.States[source.StateCloseWait] = 3
	left := &Service{Local: netip.MustParseAddrPort("[::1]:8080"), Gone: true}
	for expr, want := range map[string][2]bool{
		"": {true, true}, ":80": {true, false}, "0.0.0.0:80": {true, false}, "[::1]:8080": {false, true},
		"state:close-wait": {true, false}, "state:listen": {true, false}, "state:listening": {true, false},
		"!state:listen": {false, true}, "::/0": {false, true}, "80": {true, true}, "listen": {true, false},
	} {
		f, err := ParseFilter(expr)
		if err != nil {
			t.Errorf("%q: %v", expr, err)
			continue
		}
		if a, b := f.Service(web), f.Service(left); a != want[0] || b != want[1] {
			t.Errorf("%q takes %v %v, want %v", expr, a, b, want)
		}
	}
}

// TestFilterOwners: a row passes that has such an owner, and one that nobody
// knows an owner of does not.
func TestFilterOwners(t *testing.T) {
	web := source.Process{PID: 2872, Name: "nginx", Place: source.Place{Unit: "nginx.service"}}
	app := source.Process{PID: 3001, Name: "Node", Place: source.Place{Container: source.Container{ID: "3f2a9c", Runtime: "docker", Pod: "0a1b"}}}
	both := &Owners{All: []Owner{{Process: web, Share: 0.6}, {Process: app, Share: 0.4}}}
	known, strange := destination(lo, backend), destination(lo, backend)
	known.Owners = both
	service := &Service{Local: netip.MustParseAddrPort("0.0.0.0:80"), Owners: both}
	for expr, want := range map[string]bool{
		"pid:2872": true, "pid:3001": true, "pid:287": false, "!pid:2872": false, "comm:nginx": true, "comm:NODE": true,
		"comm:ngin": true, "comm:sshd": false, "unit:nginx.service": true, "unit:nginx": true, "unit:ssh": false,
		"container:3f2a": true, "container:docker": true, "container:0a1b": true, "container:podman": false,
		"pid:2872 comm:node": true, "nginx": true, "sshd": false,
	} {
		f, err := ParseFilter(expr)
		if err != nil {
			t.Errorf("%q: %v", expr, err)
			continue
		}
		if f.Destination(known) != want || f.Service(service) != want {
			t.Errorf("%q takes %v and %v, want %v", expr, f.Destination(known), f.Service(service), want)
		}
		if f.Destination(strange) != (expr[0] == '!') {
			t.Errorf("%q: without owners", expr)
		}
	}
}

// TestFilterStates: every state goes by iproute2's word and by the JSON's key.
func TestFilterStates(t *testing.T) {
	for _, s := range source.ReportedStates {
		if s == source.StateListen {
			continue // no row has connections in it
		}
		d := destination(lo, backend, s)
		for _, name := range []string{s.String(), s.Key(), strings.ToLower(s.String()), "TCP_" + strings.ToUpper(s.Key())} {
			f, err := ParseFilter("state:" + name)
			if err != nil || !f.Destination(d) || f.Destination(destination(lo, backend)) {
				t.Errorf("state:%s: %v", name, err)
			}
		}
	}
}

func TestFilterErrors(t *testing.T) {
	for expr, wants := range map[string][]string{
		"state:bogus":       {`"state:bogus"`, `"bogus" is no state`, "time-wait"},
		"state:":            {`"state:"`},
		":70000":            {`":70000"`, "1 to 65535"},
		":0":                {`":0"`},
		":":                 {`":"`},
		":http":             {`":http"`, "a number"},
		"10.0.0.0/33":       {`"10.0.0.0/33"`, "10.0.0.0/8"},
		"10.0.0/8":          {`"10.0.0/8"`},
		"::ffff:10.0.0.0/8": {"96"},
		"127.0.0.1:99999":   {`"127.0.0.1:99999"`, "1 to 65535"},
		"[::1]:x":           {`"[::1]:x"`},
		"!":                 {`"!"`, "nothing after"},
		"ok !state:nope":    {`"!state:nope"`},
		"pid:nginx":         {`"pid:nginx"`, "a number above 0"},
		"pid:0":             {`"pid:0"`, "a number above 0"},
		"comm:":             {`"comm:"`, "nothing after the colon"},
		"!unit:":            {`"!unit:"`, "nothing after the colon"},
		"status:time-wait":  {`"status:time-wait"`, "no key"},
	} {
		f, err := ParseFilter(expr)
		if err == nil {
			t.Errorf("%q: no error", expr)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v does not say %s", expr, err, want)
			}
		}
		if !f.IsZero() {
			t.Errorf("%q: a filter beside an error", expr)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"", "10.0.0.0/8 !:4001", "[::1]:80 state:time-wait", "pid:1", "!", "fe80::1%eth0/64", "::ffff:1.2.3.4/97", "\x00\u202e"} {
		f.Add(s)
	}
	d := destination(lo, backend, source.StateTimeWait)
	s := &Service{Local: netip.MustParseAddrPort("[::]:80"), Sockets: 1}
	f.Fuzz(func(t *testing.T, expr string) {
		filter, err := ParseFilter(expr)
		if err != nil {
			return
		}
		filter.Service(s)
		took := filter.Destination(d)
		if words := strings.Fields(expr); len(words) == 1 && words[0][0] != '!' {
			denied, err := ParseFilter("!" + words[0])
			if err != nil || denied.Destination(d) == took {
				t.Errorf("%q and its denial agree, or %v", expr, err)
			}
		}
	})
}
