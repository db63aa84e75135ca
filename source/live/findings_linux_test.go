package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// verdictScenario is a host made of real sockets, and what must be found on it:
// that, and nothing else.
type verdictScenario struct {
	name string
	make func(*world) *diagnosis.Report
	want []string // "severity id", in any order
	// subject is what the first finding must be about, "" for any.
	subject string
}

// The scenarios in which something is wrong, by the finding.
var troubles = []verdictScenario{
	{"nothing left of 100 ports", exhausted, []string{"critical port-exhaustion"}, "127.0.0.1 → " + service},
	{"92 of 100 ports held", heldPorts(92), []string{"critical port-pressure", "warning slow-connect"}, "127.0.0.1 → " + service},
	{"60 of 100 ports held, the preferred half among them", heldPorts(60), []string{"warning slow-connect"}, "127.0.0.1 → " + service},
	{"40 % used, the last port goes in less than a minute", runningOut, []string{"warning port-pressure"}, "127.0.0.1 → " + service},
	{"clients that bind before connect", bindersFirst, []string{"notice bind-before-connect"}, ""},
	{"a pool, and still a new connection per request", poolNotUsed, []string{"notice cure-not-at-work"}, "127.0.0.1 → " + service},
	{"a server that closes first", serverCloses, []string{"notice server-closes-first"}, ""},
	{"100 connections whose end nobody reads", leak, []string{"warning close-wait-leak"}, ""},
	{"a peer that does not answer", blackhole, []string{"warning syn-sent-pileup"}, ""},
	{"a peer that does not close", halfClosed, []string{"warning fin-wait2-pileup"}, ""},
	{"an accept queue that is full", queueFull, []string{"warning listen-overflow"}, service},
	{"more TIME_WAITs than tcp_max_tw_buckets", bucketsFull, []string{"warning time-wait-overflow"}, ""},
	{"reuse without timestamps", withoutTimestamps, []string{"warning reuse-without-timestamps"}, ""},
	{"tcp_tw_recycle=1, as old kernels have it", told("sys/net/ipv4/tcp_tw_recycle", "1"), []string{"warning tw-recycle"}, ""},
	{"conntrack nearly full", told("sys/net/netfilter/nf_conntrack_count", "250000", "sys/net/netfilter/nf_conntrack_max", "262144"), []string{"warning conntrack-full"}, ""},
	{"fs.file-nr near fs.file-max", told("sys/fs/file-nr", "97000\t0\t100000", "sys/fs/file-max", "100000"), []string{"warning fd-limit"}, ""},
	{"a process with 62 of 64 files open", filesOpen, []string{"warning fd-limit"}, ""},
	{"orphans near tcp_max_orphans", told("sys/net/ipv4/tcp_max_orphans", "1000", "thread-self/net/sockstat", orphanStat), []string{"warning orphans"}, ""},
}

// The scenarios that look busy, or bad at first sight, and are not.
var calms = []verdictScenario{
	{name: "an idle host", make: (*world).report},
	{name: "inbound TIME_WAITs only, a few", make: fewInbound},
	{name: "a server that closes after each response", make: serverAnswersOnce},
	{name: "3,000 TIME_WAITs over 100 destinations", make: spread},
	{name: "reuse at its plateau: half the range", make: plateau},
	{name: "a burst of 3 s, to 9 % full", make: burst},
	{name: "a proxy with keep-alive, 200 connections in 1,000 ports", make: keptAlive},
}

// TestVerdicts makes each scenario in a namespace of its own, and prints the
// table of scenarios and findings.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	found := make([][]diagnosis.Finding, len(troubles)+len(calms))
	all := append(slices.Clone(troubles), calms...)
	t.Run("all", func(t *testing.T) {
		for i, sc := range all {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				r := sc.make(newWorld(t))
				found[i] = r.Findings
				sc.check(t, r)
			})
		}
	})
	t.Log("\n" + verdictTable(all, found))
}

func (sc *verdictScenario) check(t *testing.T, r *diagnosis.Report) {
	t.Helper()
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%v %s", f.Severity, f.ID))
	}
	slices.Sort(got)
	got = slices.Compact(got)
	want := slices.Sorted(slices.Values(sc.want))
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
		for _, f := range r.Findings {
			t.Logf("%+v", f)
		}
	}
	if len(r.Findings) > 0 && sc.subject != "" && r.Findings[0].Subject != sc.subject {
		t.Errorf("%s is about %q, want %q", r.Findings[0].ID, r.Findings[0].Subject, sc.subject)
	}
	t.Logf("%v: %s · %s · %s", r.Headline.Severity, r.Headline.Text, r.Headline.Evidence, r.Headline.Action)
}

func verdictTable(all []verdictScenario, found [][]diagnosis.Finding) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scenario\tseverity\tfinding\tclaim")
	for i, sc := range all {
		if len(found[i]) == 0 {
			fmt.Fprintf(w, "%s\t–\tnothing\t\n", sc.name)
		}
		for _, f := range found[i] {
			fmt.Fprintf(w, "%s\t%v\t%s\t%s\n", sc.name, f.Severity, f.ID, f.Claim)
		}
	}
	_ = w.Flush()
	return b.String()
}

// exhausted fills 100 ports and looks.
func exhausted(w *world) *diagnosis.Report {
	w.setRange(100)
	l := w.Listen(service)
	w.TimeWaits(100, l, service)
	return w.report()
}

// heldPorts keeps n of 100 ports in use by open connections.
func heldPorts(n int) func(*world) *diagnosis.Report {
	return func(w *world) *diagnosis.Report {
		w.setRange(100)
		w.hold(n)
		return w.looks(3)
	}
}

func (w *world) hold(n int) {
	l := w.Listen(service)
	for range n {
		w.Connect(l, service)
	}
}

// looks takes n looks, a second apart, and returns the last.
func (w *world) looks(n int) (r *diagnosis.Report) {
	w.t.Helper()
	r = w.report()
	for range n - 1 {
		time.Sleep(time.Second)
		r = w.report()
	}
	return r
}

// every calls do at a rate for some seconds, looks each second, and returns the
// last look.
func (w *world) every(perSecond, seconds int, do func()) (r *diagnosis.Report) {
	w.t.Helper()
	r = w.report()
	start := time.Now()
	for sec := range seconds {
		for i := range perSecond {
			at := start.Add(time.Duration(sec)*time.Second + time.Duration(i)*time.Second/time.Duration(perSecond))
			time.Sleep(time.Until(at))
			do()
		}
		r = w.report()
	}
	return r
}

// runningOut opens 12 connections a second where 3 are sustainable: after
// 7 s 84 of 200 ports are gone, the others last 10 s.
func runningOut(w *world) *diagnosis.Report {
	w.setRange(200)
	l := w.Listen(service)
	return w.every(12, 7, func() { w.Connect(l, service).TimeWait() })
}

func bindersFirst(w *world) *diagnosis.Report {
	w.setRange(1000)
	l := w.Listen(service)
	for range 40 {
		w.Connect(l, service, netnstest.From("127.0.0.1:0"))
	}
	for range 40 {
		w.Connect(l, service)
	}
	return w.looks(2)
}

// request sends a few bytes there and back.
func request(p netnstest.Pair) netnstest.Pair {
	for _, ends := range [][2]*netnstest.Sock{{p.Client, p.Server}, {p.Server, p.Client}} {
		_, _ = unix.Write(ends[0].FD(), []byte("twtop"))
		fds := []unix.PollFd{{Fd: int32(ends[1].FD()), Events: unix.POLLIN}}
		_, _ = unix.Poll(fds, 1000)
		_, _ = unix.Read(ends[1].FD(), make([]byte, 16))
	}
	return p
}

// poolNotUsed keeps 20 connections open that were used, and opens a new one
// for each of 40 requests a second all the same.
func poolNotUsed(w *world) *diagnosis.Report {
	w.setRange(4000)
	l := w.Listen(service)
	for range 20 {
		request(w.Connect(l, service))
	}
	return w.every(40, 6, func() { request(w.Connect(l, service)).TimeWait() })
}

// neighbour is a namespace at the other end of a veth pair, and a server of
// each: at 10.77.0.1 here, at 10.77.0.2 there.
func (w *world) neighbour() (peer *netnstest.NS, here, there *netnstest.Sock) {
	peer = netnstest.New(w.t)
	w.Veth(peer)
	return peer, w.Listen(ownService), peer.Listen(farService)
}

const ownService, farService = "10.77.0.1:8080", "10.77.0.2:8080"

func (w *world) from(peer *netnstest.NS, here *netnstest.Sock) netnstest.Pair {
	w.t.Helper()
	c, err := peer.Dial(ownService)
	if err != nil {
		w.t.Fatal(err)
	}
	return netnstest.Pair{Client: c, Server: here.Accept()}
}

func serverEnds(p netnstest.Pair) {
	p.Server.Close()
	p.Client.WaitClosed()
	p.Client.Close()
}

// serverCloses is a server with a keep-alive time-out of 2 s, whose clients
// would keep their connections for longer.
func serverCloses(w *world) *diagnosis.Report {
	peer, here, _ := w.neighbour()
	type kept struct {
		netnstest.Pair
		since time.Time
	}
	var open []kept
	return w.every(40, 7, func() {
		open = append(open, kept{request(w.from(peer, here)), time.Now()})
		for len(open) > 0 && time.Since(open[0].since) >= 2*time.Second {
			serverEnds(open[0].Pair)
			open = open[1:]
		}
	})
}

// serverAnswersOnce is one that closes after each response, before its clients.
func serverAnswersOnce(w *world) *diagnosis.Report {
	peer, here, _ := w.neighbour()
	return w.every(40, 6, func() { serverEnds(request(w.from(peer, here))) })
}

// fewInbound is the same, five times.
func fewInbound(w *world) *diagnosis.Report {
	peer, here, _ := w.neighbour()
	for range 5 {
		serverEnds(request(w.from(peer, here)))
	}
	return w.looks(2)
}

// leak has 100 connections to a far service that their client does not close
// after the service has.
func leak(w *world) *diagnosis.Report {
	_, _, there := w.neighbour()
	for range 100 {
		w.Connect(there, farService).Server.CloseWrite()
	}
	return w.looks(leakLooks)
}

// leakLooks is until the rule calls it a leak, in seconds.
const leakLooks = 35

// blackhole has 60 clients of a service that drops what arrives.
func blackhole(w *world) *diagnosis.Report {
	_, _, there := w.neighbour()
	there.Deafen()
	for range 60 {
		if _, err := w.Dial(farService); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.looks(6)
}

// halfClosed has 100 clients that closed, and whose far server does not.
func halfClosed(w *world) *diagnosis.Report {
	_, _, there := w.neighbour()
	for range 100 {
		w.Connect(there, farService).Client.Close()
	}
	return w.looks(6)
}

func queueFull(w *world) *diagnosis.Report {
	w.Listen(service, netnstest.Backlog(5))
	for range 12 {
		if _, err := w.Dial(service); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.looks(2)
}

func bucketsFull(w *world) *diagnosis.Report {
	w.Set("net.ipv4.tcp_max_tw_buckets", "100")
	l := w.Listen(service)
	return w.every(100, 3, func() { w.Connect(l, service).TimeWait() })
}

func withoutTimestamps(w *world) *diagnosis.Report {
	w.Set("net.ipv4.tcp_timestamps", "0")
	w.Set("net.ipv4.tcp_tw_reuse", "1")
	w.setRange(1000)
	l := w.Listen(service)
	w.TimeWaits(150, l, service)
	return w.looks(2)
}

func filesOpen(w *world) *diagnosis.Report {
	startFiller(w.t, w.NS)
	return w.report() // one look does
}

func spread(w *world) *diagnosis.Report {
	w.Storm(100, 30)
	w.SetRange(32768, 60999)
	return w.looks(2)
}

// plateau opens 60 connections a second out of 400 ports with reuse: after some
// seconds every port of the preferred half is in TIME_WAIT.
func plateau(w *world) *diagnosis.Report {
	w.setRange(400)
	w.setMode(1)
	l := w.Listen(service)
	return w.every(60, 10, func() { w.Connect(l, service).TimeWait() })
}

// burst opens 2,540 connections in three seconds out of 28,232 ports: 850 a
// second, where 470 are sustainable.
func burst(w *world) *diagnosis.Report {
	l := w.Listen(service)
	r := w.every(847, 3, func() { w.Connect(l, service).TimeWait() })
	if len(r.Findings) > 0 {
		return r
	}
	return w.looks(4)
}

// keptAlive uses 200 connections over and over, and opens one a second anew.
func keptAlive(w *world) *diagnosis.Report {
	w.setRange(1000)
	l := w.Listen(service)
	var pool []netnstest.Pair
	for range 200 {
		pool = append(pool, w.Connect(l, service))
	}
	i := 0
	return w.every(400, 6, func() {
		if i++; i%400 == 0 {
			w.Connect(l, service).TimeWait()
		}
		request(pool[i%len(pool)])
	})
}

const orphanStat = "sockets: used 2000\nTCP: inuse 10 orphan 980 tw 0 alloc 1200 mem 300\n"

// told looks at an idle host whose /proc says what a real one cannot be made to
// say in safety: pairs of a file and what is in it.
func told(pairs ...string) func(*world) *diagnosis.Report {
	return func(w *world) *diagnosis.Report {
		root := w.procCopy()
		for i := 0; i < len(pairs); i += 2 {
			w.write(filepath.Join(root, pairs[i]), []byte(pairs[i+1]+"\n"))
		}
		w.src = open(w.t, live.Config{NetNS: w.Path(), SysctlKeys: sysctl.Names(), ProcRoot: root})
		return w.looks(2)
	}
}

// procCopy copies what twtop reads of the namespace's /proc.
func (w *world) procCopy() string {
	w.t.Helper()
	root := w.t.TempDir()
	files := []string{"thread-self/net/snmp", "thread-self/net/netstat", "thread-self/net/sockstat",
		"thread-self/net/sockstat6", "thread-self/net/protocols", "sys/fs/file-nr", "sys/kernel/osrelease"}
	for _, key := range sysctl.Names() {
		files = append(files, "sys/"+strings.ReplaceAll(key, ".", "/"))
	}
	for _, name := range files {
		var b []byte
		var err error
		w.Do(func() { b, err = os.ReadFile(filepath.Join("/proc", name)) })
		if err == nil { // a key that this kernel does not have stays away
			w.write(filepath.Join(root, name), b)
		}
	}
	return root
}

func (w *world) write(name string, b []byte) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		w.t.Fatal(err)
	}
}
