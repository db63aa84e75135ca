package textdump

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

func parseText(t testing.TB, text string) *source.Snapshot {
	t.Helper()
	snap, err := Parse(strings.NewReader(text), Config{Now: time.Unix(1_764_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// states is a snapshot's sockets by state, "ESTAB 2, LISTEN 1".
func states(s *source.Snapshot) string {
	var out []string
	for i, n := range s.States {
		if n > 0 {
			out = append(out, fmt.Sprintf("%v %d", source.State(i), n))
		}
	}
	return strings.Join(out, ", ")
}

func gap(s *source.Snapshot, part string) bool {
	return slices.ContainsFunc(s.Gaps, func(g string) bool { return strings.Contains(g, part) })
}

const (
	listenSS = "LISTEN 0 511 127.0.0.1:4001 0.0.0.0:*\n"
	oneSS    = "ESTAB 0 0 127.0.0.1:40001 127.0.0.1:4001\n"
	twoSS    = "ESTAB 0 0 127.0.0.1:40002 127.0.0.1:4001\n"
	waitSS   = "TIME-WAIT 0 0 127.0.0.1:40003 127.0.0.1:4001 timer:(timewait,12sec,0)\n"
	headSS   = "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"

	headNetstat   = "Active Internet connections (servers and established)\nProto Recv-Q Send-Q Local Address Foreign Address State Timer\n"
	listenNetstat = "tcp 0 0 127.0.0.1:4001 0.0.0.0:* LISTEN off (0.00/0/0)\n"
	oneNetstat    = "tcp 0 0 127.0.0.1:40001 127.0.0.1:4001 ESTABLISHED keepalive (7.00/0/0)\n"
)

// TestTogether holds what several tables in one text come to.
func TestTogether(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"ss and netstat":           {headSS + listenSS + oneSS + headNetstat + listenNetstat + oneNetstat, "ESTAB 1, LISTEN 1"},
		"without headers":          {listenSS + oneSS + listenNetstat + oneNetstat, "ESTAB 1, LISTEN 1"},
		"one filter after another": {"$ ss -tn dst 1.1.1.1\n" + headSS + oneSS + "$ ss -tn dst 2.2.2.2\n" + headSS + twoSS, "ESTAB 2"},
		"states one by one": {"$ ss -tano state established\nRecv-Q Send-Q Local Address:Port Peer Address:Port\n" + strings.TrimPrefix(oneSS, "ESTAB ") +
			"$ ss -tano state time-wait\nRecv-Q Send-Q Local Address:Port Peer Address:Port\n" + strings.TrimPrefix(waitSS, "TIME-WAIT "), "ESTAB 1, TIME-WAIT 1"},
		"no column, no header": {"$ ss -Htan state close-wait\n0 0 127.0.0.1:4001 127.0.0.1:40001\n$ ss -Htan state closing\n" +
			"$ ss -Htan dport 4001\n" + twoSS + "$ ss -H\n0 0 127.0.0.1:4001 127.0.0.1:40003\n", "UNKNOWN 1, ESTAB 1, CLOSE-WAIT 1"},
		"listeners and then all":       {headSS + listenSS + headSS + listenSS + oneSS + waitSS, "ESTAB 1, TIME-WAIT 1, LISTEN 1"},
		"twice, one came and one left": {headSS + listenSS + oneSS + headSS + listenSS + twoSS, "ESTAB 1, LISTEN 1"},
		"twice without listeners":      {headSS + oneSS + waitSS + headSS + oneSS + twoSS, "ESTAB 1, TIME-WAIT 1"},
		"a state that came to it":      {headSS + listenSS + oneSS + headSS + listenSS + oneSS + waitSS, "ESTAB 1, TIME-WAIT 1, LISTEN 1"},
		"SO_REUSEPORT":                 {headSS + listenSS + listenSS + oneSS + headNetstat + listenNetstat + listenNetstat + oneNetstat, "ESTAB 1, LISTEN 2"},
		"one listener more":            {headSS + listenSS + headNetstat + listenNetstat + listenNetstat + oneNetstat, "ESTAB 1, LISTEN 2"},
		"a state is a row":             {"ESTAB\n0 0 127.0.0.1:40001\n127.0.0.1:4001\n" + twoSS, "ESTAB 2"},
		"UDP is passed over":           {"Netid State Recv-Q Send-Q Local Peer\nudp UNCONN 0 0 127.0.0.1:53 0.0.0.0:*\ntcp " + oneSS, "ESTAB 1"},
		"a device":                     {"ESTAB 0 0 10.0.0.1%eth0:1 10.0.0.2:2\nESTAB 0 0 10.0.0.1%eth1:1 10.0.0.2:2\n" + headNetstat + "tcp 0 0 10.0.0.1:1 10.0.0.2:2 ESTABLISHED\n", "ESTAB 2"},
		"nothing but a header":         {headSS, ""},
	} {
		if got := states(parseText(t, c.text)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestFilledIn holds that each table adds what it alone tells.
func TestFilledIn(t *testing.T) {
	s := parseText(t, headSS+listenSS+"ESTAB 3 4 127.0.0.1:40001 127.0.0.1:4001 uid:33 ino:77 sk:12345678 <->\n\t ts rto:204 lastsnd:9\n"+
		headNetstat+listenNetstat+oneNetstat)
	k := &s.Sockets[0]
	d := s.DetailOf(k)
	if k.Timer != source.TimerKeepalive || s.Remaining(k) != 7*time.Second || d.RecvQ != 3 || d.UID != 33 || d.Inode != 77 ||
		d.Options != source.OptTimestamps || d.LastDataSent != 9 {
		t.Errorf("%+v %+v", k, d)
	}
	if l := s.Listeners[0]; l.Detail.SendQ != 511 || l.Detail.Has&source.HasQueues == 0 {
		t.Errorf("%+v", l)
	}
}

// TestListenersShown holds when a text without listeners says that there are none.
func TestListenersShown(t *testing.T) {
	bare := strings.TrimPrefix(waitSS, "TIME-WAIT ")
	for text, want := range map[string]string{
		headSS + oneSS:            "neither listeners nor TIME-WAIT",
		oneSS + waitSS:            "no listeners", // ss … | grep
		headSS + oneSS + waitSS:   "",
		headSS + listenSS + oneSS: "",
		headNetstat + oneNetstat:  "",
		oneNetstat:                "neither listeners nor TIME-WAIT",
		"Active Internet connections (w/o servers)\n" + strings.ReplaceAll(oneNetstat, "ESTABLISHED", "TIME_WAIT"): "no listeners",
		"Recv-Q Send-Q Local Address:Port Peer Address:Port\n" + bare:                                              "no listeners",
		procText: "",
		headSS:   "neither listeners nor TIME-WAIT",
	} {
		s := parseText(t, text)
		for _, g := range []string{"neither listeners nor TIME-WAIT", "no listeners"} {
			if gap(s, g) != (g == want) {
				t.Errorf("%q: %q", text, s.Gaps)
			}
		}
	}
}

// TestAbsent holds that what a text does not tell is not zero.
func TestAbsent(t *testing.T) {
	s := parseText(t, headSS+oneSS)
	k := &s.Sockets[0]
	if d := s.DetailOf(k); k.Timer != source.TimerUnknown || d.Has != source.HasQueues || s.RangeKnown || s.Range != source.DefaultPortRange ||
		!s.BlockersUnknown || s.Kind != source.KindText || s.Processes != nil || s.Orphans != 0 {
		t.Errorf("%+v %+v %+v", k, d, s)
	}
	for _, want := range []string{"only with -a", "bound and not used", "no sysctls"} {
		if !gap(s, want) {
			t.Errorf("%q is not in %q", want, s.Gaps)
		}
	}
	s = parseText(t, listenSS+"TIME-WAIT 0 0 127.0.0.1:40003 127.0.0.1:4001\n")
	if k := &s.Sockets[0]; k.Timer != source.TimerUnknown || !gap(s, "use -o") {
		t.Errorf("%+v %q", k, s.Gaps)
	}
	if gap(s, "outside") {
		t.Errorf("%q", s.Gaps)
	}
	low := strings.ReplaceAll(oneSS+twoSS, ":4000", ":1100")
	if s = parseText(t, low+waitSS); !gap(s, "2 of 3 connections from here have local ports outside 32768–60999") {
		t.Errorf("%q", s.Gaps)
	}
	if s = parseText(t, low+"net.ipv4.ip_local_port_range = 40000 50000\n"); gap(s, "outside") || gap(s, "no sysctls") {
		t.Errorf("%q", s.Gaps)
	}
	// With -o, no timer is a fact.
	s = parseText(t, oneSS+waitSS)
	for i := range s.Sockets {
		if s.Sockets[i].Timer == source.TimerUnknown {
			t.Errorf("%+v", s.Sockets[i])
		}
	}
	if s = parseText(t, procText); !gap(s, "/proc/net/tcp6 is not in the text") {
		t.Errorf("%q", s.Gaps)
	}
	if s = parseText(t, procText+"  sl  local_address                         remote_address                        st tx_queue\n"); gap(s, "tcp6") {
		t.Errorf("%q", s.Gaps)
	}
}

const procText = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
	"   0: 0100007F:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1\n" +
	"   1: 0100007F:9C41 0100007F:0FA1 06 00000000:00000000 03:000010FA 00000000     0        0 0 3\n"

// TestByteOrder holds that a table of a machine that keeps numbers the other
// way round is read right.
func TestByteOrder(t *testing.T) {
	turned := strings.ReplaceAll(procText, "0100007F", "7F000001")
	head6 := "  sl  local_address                         remote_address                        st tx_queue\n"
	six := head6 + "   2: 20010DB8000000000000000000000001:0FA1 20010DB8000000000000000000000001:9C42 01 00000000:00000000 00:00000000 00000000     0        0 9 1\n"
	a, b := parseText(t, procText), parseText(t, turned+six)
	if a.Listeners[0].Local != b.Listeners[0].Local || b.Listeners[0].Local != loopback4 || b.Flows[len(b.Flows)-1].Local != source.AddrFromWords(0x20010db8<<32, 1) {
		t.Errorf("%v, %v", a.Listeners, b.Flows)
	}
}

// TestWildcards holds what "*" meant to which ss.
func TestWildcards(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"iproute2 4.9": {"LISTEN 0 128 *:22 *:*\nLISTEN 0 128 :::22 :::*\nLISTEN 0 1 127.0.0.1:25 *:*\n",
			"0.0.0.0:22 only? / :::22 only? / 127.0.0.1:25 only?"},
		"iproute2 4.9, IPv4 only": {"LISTEN 0 128 *:22 *:*\nLISTEN 0 1 127.0.0.1:25 *:*\n", "0.0.0.0:22 only? / 127.0.0.1:25 only?"},
		"iproute2 4.15":           {"LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\nLISTEN 0 128 [::]:22 [::]:*\n", "0.0.0.0:22 only? / :::22 only?"},
		"iproute2 6.1":            {"LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\nLISTEN 0 128 [::]:22 [::]:*\nLISTEN 0 1 *:80 *:*\n", "0.0.0.0:22 only? / :::22 only / :::80 both"},
		"no sign":                 {"LISTEN 0 128 *:22 *:*\n", ":::22 only?"},
		"netstat":                 {"tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN\ntcp6 0 0 :::22 :::* LISTEN\n", "0.0.0.0:22 only? / :::22 only?"},
	} {
		var got []string
		for _, l := range parseText(t, c.text).Listeners {
			word := "only?"
			switch {
			case l.Detail.Has&source.HasV6Only == 0:
			case l.Detail.V6Only:
				word = "only"
			default:
				word = "both"
			}
			got = append(got, fmt.Sprintf("%v:%d %s", l.Local.IP(), l.Port, word))
		}
		if g := strings.Join(got, " / "); g != c.want {
			t.Errorf("%s: got %s, want %s", name, g, c.want)
		}
	}
}

// TestSysctls holds that sysctls are taken from wherever they stand.
func TestSysctls(t *testing.T) {
	const portRange, reuse = "net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_reuse"
	for name, text := range map[string]string{
		"before":            "net.ipv4.ip_local_port_range = 20000\t20999\nnet.ipv4.tcp_tw_reuse = 0\n" + headSS + oneSS,
		"behind":            headSS + oneSS + "\nnet.ipv4.ip_local_port_range = 20000\t20999\nnet.ipv4.tcp_tw_reuse = 0\n",
		"both, they differ": "net.ipv4.ip_local_port_range = 20000 20999\nnet.ipv4.tcp_tw_reuse = 0\n" + oneSS + "net.ipv4.tcp_tw_reuse = 1\n",
		"set, and then":     "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 0\nnet.ipv4.ip_local_port_range = 20000 20999\n" + oneSS,
		"cat":               "$ cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/tcp_tw_reuse\n20000\t20999\n0\n$ ss -tan\n" + oneSS,
		"head":              "==> /proc/sys/net/ipv4/ip_local_port_range <==\n20000\t20999\n\n==> /proc/sys/net/ipv4/tcp_tw_reuse <==\n0\n" + oneSS,
		"grep":              "/proc/sys/net/ipv4/tcp_tw_reuse:0\n/proc/sys/net/ipv4/ip_local_port_range:20000\t20999\n" + oneSS,
		"all, quoted":       "> kernel.sched = 1\n> net.ipv4.conf.all.rp_filter = 1\n> net.ipv4.ip_local_port_range = 20000\t20999\n> net.ipv4.tcp_tw_reuse=0\n> " + oneSS,
	} {
		s := parseText(t, text)
		want := map[string]string{portRange: "20000 20999", reuse: "0"}
		if diff := cmp.Diff(want, s.Sysctls); diff != "" || !s.RangeKnown || s.Range.Size() != 1000 {
			t.Errorf("%s: %v\n%s", name, s.Range, diff)
		}
		if gap(s, "several values") != (name == "both, they differ" || name == "set, and then") || gap(s, "no socket and no sysctl") {
			t.Errorf("%s: %q", name, s.Gaps)
		}
	}
	s := parseText(t, "net.ipv4.ip_local_port_range = x\nnet.ipv4.ip_local_reserved_ports = 30000-x\n"+oneSS)
	if s.RangeKnown || !gap(s, "ip_local_port_range cannot be read") || !gap(s, "ip_local_reserved_ports cannot be read") {
		t.Errorf("%q", s.Gaps)
	}
	s = parseText(t, "net.ipv4.ip_local_reserved_ports = 40000,50000-50009\n"+oneSS)
	if s.Reserved.Len() != 11 {
		t.Errorf("%v", s.Reserved.Ranges())
	}
}

// TestBanners holds that what tools say of themselves is no part of a socket
// and not worth a word.
func TestBanners(t *testing.T) {
	s := parseText(t, "Every 1.0s: netstat -tanp          web-3: Wed Nov 25 02:25:01 2026\n\n"+
		"(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n"+
		headNetstat+listenNetstat+"Failed to find cgroup2 mount\n"+oneNetstat+"user@web-3:~$ \n")
	if got := states(s); got != "ESTAB 1, LISTEN 1" || gap(s, "no socket and no sysctl") {
		t.Errorf("%s: %q", got, s.Gaps)
	}
}

// TestUnread holds that what was not understood is told, with its line.
func TestUnread(t *testing.T) {
	s := parseText(t, "Hello,\nhere is what I see\n\n"+headSS+oneSS+"ESTAB 0 0 127.0.0.1:http 127.0.0.1:40009\n"+twoSS+"ESTAB 0 0\n")
	for _, want := range []string{
		"2 of 4 sockets could not be read; the first: line 6: " + string(faultNames),
		"2 lines of the text are no socket and no sysctl, the first line 1",
	} {
		if !slices.Contains(s.Gaps, want) {
			t.Errorf("%q is not in %q", want, s.Gaps)
		}
	}
	for text, want := range map[string]string{
		"": "there is no table of sockets",
		"Total: 136\nTCP: 28831 (estab 128, closed 28701)\n":                                     "there is no table of sockets",
		"net.ipv4.tcp_tw_reuse = 1\n":                                                            "there is no table of sockets",
		"tcp4 0 0 127.0.0.1.80 127.0.0.1.90 ESTABLISHED\n":                                       "none of 1 socket could be read; the first: line 1: that is the netstat of another system",
		headSS + "ESTAB 0 0 localhost:http localhost:40009\n":                                    "none of 1 socket could be read; the first: line 2: it has names",
		strings.ReplaceAll(headSS+strings.Repeat(oneSS, 30), "\n", " "):                          "line 1: the line ends are missing, a header goes on for",
		headSS + "one\n\nno socket at all, in a line that is longer than what a header leaves\n": "there is a table without a socket, and 1 line that could not be read; the first: line 4",
	} {
		_, err := Parse(strings.NewReader(text), Config{Name: "pasted.txt"})
		if err == nil || !strings.HasPrefix(err.Error(), "pasted.txt: "+want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHost(t *testing.T) {
	s := parseText(t, "$ uname -a\nLinux web-3 6.18.44 #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux\n"+oneSS)
	if s.Host.Name != "web-3" || s.Host.Kernel != "6.18.44" {
		t.Errorf("%+v", s.Host)
	}
	s = parseText(t, `ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 users:(("b",pid=9,fd=1),("a",pid=3,fd=1))`)
	if diff := cmp.Diff([]source.Process{{PID: 3, Name: "a"}, {PID: 9, Name: "b"}}, s.Processes); diff != "" {
		t.Error(diff)
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]Format{
		headSS: FormatSS, oneSS: FormatSS, "$ ss -tan\n" + headSS: FormatSS, "> " + oneSS: FormatSS, headNetstat: FormatNetstat,
		oneNetstat: FormatNetstat, procText: FormatProc, "net.ipv4.tcp_tw_reuse = 1\n" + headSS: FormatSS,
		"Recv-Q Send-Q Local Address:Port Peer Address:Port\n": FormatSS,
		"":                                        FormatNone,
		"{\"schema\": \"twtop.snapshot/1\"}\n":    FormatNone,
		"\x28\xb5\x2f\xfd\x00\x00\n":              FormatNone,
		"ESTAB means that it is open\n":           FormatNone,
		"net.ipv4.tcp_tw_reuse = 1\n":             FormatNone,
		"Total: 1\nTCP: 28234 (estab 0)\n":        FormatNone,
		"TCP    127.0.0.1:1 127.0.0.1:2 ESTAB\n":  FormatNone,
		"tcp4  0  0  127.0.0.1.1 127.0.0.1.2 X\n": FormatNone,
	} {
		if got, ok := Sniff([]byte(text)); got != want || ok != (want != FormatNone) {
			t.Errorf("%q: got %v, %v", text, got, ok)
		}
	}
}

// TestBounds holds that no text makes more of itself than it is.
func TestBounds(t *testing.T) {
	long := strings.Repeat("x", 3*maxLine)
	var keys, sections, users strings.Builder
	for i := range 3 * maxKeys {
		fmt.Fprintf(&keys, "net.a%d = 1\n", i)
		fmt.Fprintf(&sections, "%sESTAB 0 0 10.0.0.1:%d 10.0.0.2:2\n", headSS, i)
		fmt.Fprintf(&users, `("p",pid=%d,fd=1),`, i+1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"a long line":       {oneSS + long + "\n" + twoSS, "ESTAB 2"},
		"no end of line":    {oneSS + long, "ESTAB 1"},
		"details":           {strings.TrimSpace(oneSS) + strings.Repeat("\n\t ts sack", maxLine), "ESTAB 1"},
		"keys":              {keys.String() + oneSS, "ESTAB 1"},
		"tables":            {sections.String(), fmt.Sprintf("ESTAB %d", 3*maxKeys)},
		"processes":         {strings.TrimSpace(oneSS) + " users:(" + users.String() + "\n" + twoSS, "ESTAB 2"},
		"control bytes":     {strings.ReplaceAll(oneSS, " ", " \x00\x07"), "ESTAB 1"},
		"an escape":         {"\x1b]0;title\x07" + oneSS, "ESTAB 1"},
		"a million columns": {strings.Repeat("x ", 1<<20) + "\n" + oneSS, "ESTAB 1"},
		"many devices":      {devices(2 * maxDevices), fmt.Sprintf("ESTAB %d", 2*maxDevices)},
		"one listener":      {strings.Repeat(listenSS, 200_000), "LISTEN 200000"},
		"a crowded port":    {crowd(20_000), fmt.Sprintf("ESTAB 20000, LISTEN %d", maxPerPort)},
	} {
		s := parseText(t, c.text)
		if got := states(s); got != c.want || len(s.Sysctls) > maxKeys || len(s.Processes) > maxProcesses {
			t.Errorf("%s: got %s, %d keys, %d processes", name, got, len(s.Sysctls), len(s.Processes))
		}
	}
}

// crowd is a port that n addresses listen on, each with a connection.
func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "LISTEN 0 1 10.%d.%d.%d:80 0.0.0.0:*\n", i>>16, i>>8&0xff, i&0xff)
		fmt.Fprintf(&b, "ESTAB 0 0 10.%d.%d.%d:80 10.0.0.1:9\n", i>>16, i>>8&0xff, i&0xff)
	}
	return b.String()
}

func devices(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "ESTAB 0 0 10.0.0.1%%eth%d:%d 10.0.0.2:2\n", i, i+1)
	}
	return b.String()
}

func TestSource(t *testing.T) {
	s, err := Open(strings.NewReader(oneSS), Config{})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Read(t.Context())
	if err != nil || states(snap) != "ESTAB 1" {
		t.Error(snap, err)
	}
	if _, err := s.Read(t.Context()); !errors.Is(err, source.ErrFinal) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(strings.NewReader(""), Config{}); !errors.Is(err, ErrNoTable) {
		t.Error(err)
	}
	broken := errors.New("broken pipe")
	if _, err := Parse(failing{strings.NewReader(oneSS), broken}, Config{Name: "x"}); !errors.Is(err, broken) || err.Error() != "x: behind line 1: broken pipe" {
		t.Error(err)
	}
}

// failing is a reader that ends with an error.
type failing struct {
	r   *strings.Reader
	err error
}

func (f failing) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(p)
}

// TestHostileWrap holds that a socket which never ends costs no more than its
// length: four times of it, not sixteen times the time.
func TestHostileWrap(t *testing.T) {
	socket := func(lines int) string {
		const first = "ESTAB 0 0 10.0.0.1:10 10.0.0.2:2 aaaaaaaa\n"
		return first + strings.Repeat(strings.Repeat("a ", 20)+"a\n", lines)
	}
	fastest := func(text string) time.Duration {
		least := time.Hour
		for range 5 {
			begin := time.Now()
			if got := states(parseText(t, text)); got != "ESTAB 1" {
				t.Fatalf("got %s", got)
			}
			least = min(least, time.Since(begin))
		}
		return least
	}
	short, long := fastest(socket(10_000)), fastest(socket(40_000))
	if long > 8*short {
		t.Errorf("410 kB took %v, and 1.6 MB %v", short, long)
	}
}

// TestCut holds that a text that ends anywhere has the sockets before that, or
// an error that says why not.
func TestCut(t *testing.T) {
	for _, text := range []string{
		headSS + listenSS + oneSS + waitSS + "\t cubic rto:204\n", headNetstat + listenNetstat + oneNetstat, procText,
	} {
		whole := parseText(t, text).States.Total()
		for n := range len(text) {
			s, err := Parse(strings.NewReader(text[:n]), Config{})
			if err != nil {
				continue
			}
			if ends := strings.Count(text[:n], "\n"); s.States.Total() > min(whole, ends+1) {
				t.Errorf("%d sockets in %q", s.States.Total(), text[:n])
			}
		}
	}
}
