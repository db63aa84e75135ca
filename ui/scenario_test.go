package ui

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/sysctl"
)

// play is a host that opens and closes connections on a schedule: a scenario is
// a play and a number of seconds. It is a source.Source, one second per Read.
type play struct {
	b      *source.Builder
	now    uint32 // ms
	taken  time.Time
	lanes  []*lane
	listen []source.Listener
	state  func(p *play, frame *source.Snapshot)
	host   source.Host
	sysctl map[string]string
	rng    source.PortRange
	cost   time.Duration // of a frame
	spent  time.Duration // CPU time so far
}

// lane is the connections to one destination.
type lane struct {
	local, remote netip.Addr
	port          uint16
	demand        func(second int) int // wanted connections, closed at once by us
	alive         []uint16             // ports of connections that stay
	states        map[source.State]int // of some of alive: others than ESTAB
	waits         []wait               // TIME_WAITs, oldest first
	nextPort      int
	reuse         bool
	accepted      bool // we are the server: port is ours
	second        int
}

type wait struct {
	port uint16
	ends uint32
}

func newPlay(lanes ...*lane) *play {
	return &play{
		b: source.NewBuilder(), now: 1_000_000, rng: source.DefaultPortRange,
		taken: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC),
		lanes: lanes,
		host:  source.Host{Name: "web-3", Kernel: "6.18.44", NetNS: "net:[4026531840]"},
		sysctl: map[string]string{
			"net.ipv4.tcp_tw_reuse": "0", "net.ipv4.tcp_tw_reuse_delay": "1000", "net.ipv4.tcp_timestamps": "1",
			"net.ipv4.ip_local_port_range": "32768 60999", "net.ipv4.ip_local_reserved_ports": "",
			"net.ipv4.tcp_max_tw_buckets": "131072", "net.ipv4.tcp_fin_timeout": "60", "net.core.somaxconn": "4096",
			"net.ipv4.tcp_max_syn_backlog": "1024", "net.ipv4.tcp_keepalive_time": "7200", "fs.file-max": "9223372036854775807",
		},
		cost: 4 * time.Millisecond,
	}
}

func (l *lane) ends(i int) uint32 { return l.waits[i].ends }

// step lets a second pass: waits end, ports are opened and closed again.
func (l *lane) step(now uint32, r source.PortRange) {
	for len(l.waits) > 0 && int32(l.ends(0)-now) <= 0 {
		l.waits = l.waits[1:]
	}
	if l.demand == nil {
		return
	}
	l.second++
	want := l.demand(l.second)
	for i := range want {
		ends := now + 60_000 - uint32(i*1000/want)
		if l.reuse && len(l.waits) > r.Size()/2 {
			l.waits = append(l.waits[1:], wait{l.waits[0].port, ends})
			continue
		}
		if len(l.alive)+len(l.waits) >= r.Size() {
			return
		}
		l.waits = append(l.waits, wait{l.port0(r), ends})
	}
}

// port0 hands ports out as connect() does, roughly: even ones first, round and
// round.
func (l *lane) port0(r source.PortRange) uint16 {
	for {
		n := l.nextPort % r.Size()
		l.nextPort++
		half := (r.Size() + 1) / 2
		port := r.Low + uint16(2*n)
		if n >= half {
			port = r.Low + uint16(2*(n-half)+1)
		}
		if !slices.Contains(l.alive, port) {
			return port
		}
	}
}

func (l *lane) entries(now uint32, add func(*source.Entry)) {
	e := source.Entry{Local: source.AddrFrom(l.local), Remote: source.AddrFrom(l.remote)}
	ends := func(port uint16) {
		e.LocalPort, e.RemotePort = port, l.port
		if l.accepted {
			e.LocalPort, e.RemotePort = l.port, port
		}
	}
	odd := l.states
	left := map[source.State]int{}
	for s, n := range odd {
		left[s] = n
	}
	for _, p := range l.alive {
		ends(p)
		e.State, e.Timer, e.Expires = source.StateEstablished, source.TimerKeepalive, 7_200_000
		e.Detail = source.Detail{Has: source.HasQueues | source.HasUID | source.HasInode | source.HasInfo | source.HasRetrans,
			UID: 33, Inode: 4711 + uint32(p), Options: source.OptTimestamps, RTT: 87 + uint32(p%50), LastDataSent: uint32(p) % 900, LastDataRecv: uint32(p) % 700}
		for _, s := range source.ReportedStates {
			if left[s] > 0 {
				left[s]--
				e.State = s
				if s == source.StateSynSent {
					e.Timer, e.Expires = source.TimerRetransmit, 1000
				}
				break
			}
		}
		add(&e)
	}
	e.Detail = source.Detail{}
	for _, w := range l.waits {
		ends(w.port)
		e.State, e.Timer, e.Expires = source.StateTimeWait, source.TimerTimeWait, uint32(max(int32(w.ends-now), 0))
		add(&e)
	}
}

// Read implements source.Source.
func (p *play) Read(ctx context.Context) (*source.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.run(1)
	p.spent += p.cost
	return p.snapshot(), nil
}

// Close implements source.Source.
func (p *play) Close() error { return nil }

func (p *play) run(seconds int) {
	for range seconds {
		p.now += 1000
		p.taken = p.taken.Add(time.Second)
		for _, l := range p.lanes {
			l.step(p.now, p.rng)
		}
	}
}

func (p *play) snapshot() *source.Snapshot {
	p.b.Begin(source.Frame{Clock: p.now, Range: p.rng, RangeKnown: true, Listeners: p.listen})
	for _, l := range p.lanes {
		l.entries(p.now, p.b.Add)
	}
	s := p.b.Finish()
	s.Taken, s.Kind, s.Host, s.Sysctls = p.taken, source.KindLive, p.host, p.sysctl
	s.Cost = source.Cost{Wall: p.cost, CPU: p.cost}
	if p.state != nil {
		p.state(p, s)
	}
	return s
}

func steady(n int) func(int) int { return func(int) int { return n } }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// portsFrom are n ports, every step-th from start on.
func portsFrom(start, n, step int) []uint16 {
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(start + i*step)
	}
	return out
}

func listener(ip string, port uint16, queued, backlog uint32) source.Listener {
	return source.Listener{Local: source.AddrFrom(addr(ip)), Port: port,
		Detail: source.Detail{Has: source.HasQueues | source.HasInode, RecvQ: queued, SendQ: backlog, Inode: 99 + uint32(port)}}
}

// exhausted is the incident: nginx opens a connection per request to its
// backend until no port is left, and then nothing opens any more.
func exhausted() *play {
	loop := addr("127.0.0.1")
	backend := &lane{local: loop, remote: loop, port: 4001, alive: portsFrom(32768, 128, 2), demand: func(int) int { return 1480 }}
	p := newPlay(
		backend,
		&lane{local: loop, remote: loop, port: 4001, accepted: true, alive: portsFrom(32768, 128, 2)},
		&lane{local: addr("10.0.2.4"), remote: addr("10.0.3.7"), port: 5432, alive: portsFrom(40000, 400, 4), demand: func(s int) int { return s % 2 * (s / 5 % 2) }},
		&lane{local: addr("10.0.2.4"), remote: addr("10.0.3.8"), port: 6379, alive: portsFrom(41000, 24, 2), demand: steady(3)},
		&lane{local: addr("10.0.2.4"), remote: addr("169.254.169.254"), port: 80, demand: func(s int) int { return 1 - min(s%10, 1) }},
		&lane{local: addr("10.0.2.4"), remote: addr("203.0.113.80"), port: 443, alive: portsFrom(50000, 9, 2), demand: func(s int) int { return s % 7 * 2 }},
		&lane{local: addr("10.0.2.4"), remote: addr("203.0.113.14"), port: 443, alive: portsFrom(33000, 3, 2), states: map[source.State]int{source.StateCloseWait: 2}},
		&lane{local: addr("10.0.2.4"), remote: addr("198.51.100.20"), port: 80, accepted: true, alive: portsFrom(20000, 220, 1), demand: steady(2)},
	)
	p.listen = []source.Listener{listener("0.0.0.0", 80, 0, 511), listener("127.0.0.1", 4001, 12, 511), listener("0.0.0.0", 22, 0, 128), listener("::", 9100, 0, 4096)}
	return p
}

// patient is exhausted with a server that leaves it to its clients to close.
func patient() *play {
	p := exhausted()
	p.lanes[len(p.lanes)-1].demand = nil
	return p
}

// healthy is a host that has nothing to complain of.
func healthy() *play {
	p := patient()
	p.lanes = p.lanes[2:]
	p.host.Name = "app-1"
	return p
}

// plateau is a loopback client with reuse at work: half the range, at ease.
func plateau() *play {
	p := patient()
	p.lanes[0].reuse = true
	p.sysctl["net.ipv4.tcp_tw_reuse"] = "2"
	return p
}

// six has addresses as long as they get.
func six() *play {
	a, b := addr("2001:db8:85a3:1234:5678:8a2e:370:7334"), addr("2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa")
	p := newPlay(
		&lane{local: a, remote: b, port: 65535, alive: portsFrom(32768, 1000, 2), demand: steady(350)},
		&lane{local: addr("fe80::1234:56ff:fe78:9abc"), remote: addr("fe80::1"), port: 443, alive: portsFrom(32768, 10, 2)},
		&lane{local: addr("::1"), remote: addr("::1"), port: 8080, demand: steady(12)},
		&lane{local: a, remote: addr("2001:db8::5"), port: 443, alive: portsFrom(32768, 3, 2)},
	)
	p.listen = []source.Listener{listener("::", 8080, 0, 4096), listener("2001:db8:85a3:1234:5678:8a2e:370:7334", 65534, 3, 128)}
	return p
}

// nothing is a namespace without a socket.
func nothing() *play { return newPlay() }

// crowd has 5,000 destinations.
func crowd() *play {
	p := newPlay()
	for i := range 5000 {
		p.lanes = append(p.lanes, &lane{local: addr("10.0.2.4"), remote: netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}),
			port: 443, alive: portsFrom(32768, 1+i%40, 2)})
	}
	return p
}

// hostile has control sequences in every string from outside.
func hostile() *play {
	p := healthy()
	bad := "\x1b]0;pwned\x07\x1b[2Jevil\u202etxt\u200b\r\n\tend\x9b31m"
	p.host = source.Host{Name: bad, Kernel: bad, NetNS: bad}
	p.sysctl["net.ipv4.tcp_tw_reuse"] = bad
	p.state = func(_ *play, s *source.Snapshot) { s.Gaps = []string{bad, "owners: not root" + bad} }
	return p
}

// unprivileged tells what it could not read, and reads /proc/net/tcp.
func unprivileged() *play {
	p := healthy()
	p.state = func(_ *play, s *source.Snapshot) {
		s.Kind = source.KindProc
		s.Gaps = []string{"sock_diag: permission denied (seccomp); fell back to /proc/net/tcp", "conntrack: no such key"}
	}
	return p
}

var scenarios = map[string]struct {
	play    func() *play
	seconds int
}{
	"exhausted":    {exhausted, 34},
	"healthy":      {healthy, 90},
	"plateau":      {plateau, 70},
	"six":          {six, 70},
	"nothing":      {nothing, 1},
	"crowd":        {crowd, 2},
	"hostile":      {hostile, 70},
	"unprivileged": {unprivileged, 70},
}

func scenario(name string) *play {
	s, ok := scenarios[name]
	if !ok {
		panic(fmt.Sprintf("no scenario %q", name))
	}
	p := s.play()
	p.run(s.seconds - 2)
	return p
}

func testOptions(p *play) Options {
	return Options{Source: p, Interval: time.Second, SysctlCatalogue: sysctl.Catalogue(),
		Now: func() time.Time { return p.taken }, CPU: func() (time.Duration, bool) { return p.spent, true }, Theme: "dark", Version: "test"}
}
