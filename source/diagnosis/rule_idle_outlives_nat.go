package diagnosis

import (
	"fmt"
	"strconv"
	"time"

	"github.com/359a26c5/twtop/source"
)

// idleOutlivesNATRule tells idle-outlives-nat: connections that nothing went
// over for longer than many a NAT remembers them, and that no keepalive probe
// kept known. A connection's time without a packet is the least of
// tcpi_last_data_sent, tcpi_last_data_recv and tcpi_last_ack_recv, which the
// answer to a probe sets to 0 (tcp_keepalive_timer, net/ipv4/tcp_timer.c).
// Probes of the far end do not show there, so it remains possible only.
type idleOutlivesNATRule struct{}

const keyKeepaliveTime = "net.ipv4.tcp_keepalive_time"

// natForgets is the idle time-out of AWS's NAT gateways and network load
// balancers. Azure's is 4 min, that of firewalls 5 min and more.
const natForgets = 350_000 // ms

// So many of a row are worth a word. Where both ends are private there is
// seldom a NAT between them, and pools are idle for hours: there it takes more,
// and signs that some were forgotten.
const (
	manyIdle        = 5
	manyIdlePrivate = 20
	repeatsInVain   = 3 // of data or of a probe
)

// maxIdleLooks is how many sockets are looked at in a frame: a host may have
// a million connections.
const maxIdleLooks = 1 << 18

// idleAdvised is what tcp_keepalive_time is advised to be, in seconds: less
// than what is usual on the way.
const idleAdvised = 60

// idles are a row's connections that have been idle for too long.
type idles struct {
	row        socketRow
	n          int
	bare       int    // without a keepalive timer
	bySysctl   int    // whose probes come when tcp_keepalive_time says
	forgotten  int    // others, that were idle and are repeating in vain now
	longest    uint32 // ms
	firstProbe time.Duration
}

func (*idleOutlivesNATRule) look(s *scene) []Finding {
	l := idleLook{scene: s, budget: maxIdleLooks, period: sysctlInt(s.Snapshot, keyKeepaliveTime)}
	var found worst[idles]
	for row := range s.rowsWith(source.StateEstablished, manyIdle) {
		if w := l.row(row); w.n >= manyIdle {
			found.add(w.n, w)
		}
	}
	return found.findings(func(w *idles) Finding { return w.finding(s, l.period) })
}

// idleLook is one frame's.
type idleLook struct {
	*scene
	budget int  // sockets that may be looked at still
	period *int // tcp_keepalive_time in seconds, nil where it is not known
	own    map[source.Addr]bool
}

// row are the idle ones of a row. Those between private addresses are among
// them only where they count.
func (l *idleLook) row(row socketRow) idles {
	w, private := idles{row: row}, idles{}
	for flow := range row.flows(l.scene) {
		f := &l.Snapshot.Flows[flow]
		if l.budget <= 0 || l.staysOnLink(f) {
			continue
		}
		l.budget -= f.Len()
		if isPrivate(f.Local) && isPrivate(f.Remote) {
			private.look(l, flow)
			continue
		}
		w.look(l, flow)
	}
	if private.n >= manyIdlePrivate && private.forgotten > 0 {
		w.add(&private)
	}
	return w
}

// staysOnLink: no NAT is on the way.
func (l *idleLook) staysOnLink(f *source.Flow) bool {
	if bothEndsHere(f) || f.Remote.IP().IsLinkLocalUnicast() || f.Local.IP().IsLinkLocalUnicast() {
		return true
	}
	if l.own == nil {
		l.own = l.ownAddresses()
	}
	return l.own[f.Remote]
}

func (w *idles) add(o *idles) {
	w.n, w.bare, w.bySysctl, w.forgotten = w.n+o.n, w.bare+o.bare, w.bySysctl+o.bySysctl, w.forgotten+o.forgotten
	w.longest = max(w.longest, o.longest)
	if w.firstProbe == 0 || o.firstProbe > 0 && o.firstProbe < w.firstProbe {
		w.firstProbe = o.firstProbe
	}
}

// look takes in the idle ones of a flow.
func (w *idles) look(l *idleLook, flow int) {
	socks := l.Snapshot.SocketsOf(flow)
	for i := range socks {
		k := &socks[i]
		d := l.Snapshot.DetailOf(k)
		if k.State != source.StateEstablished || d == nil || d.Has&source.HasInfo == 0 {
			continue
		}
		quiet := min(d.LastDataSent, d.LastDataRecv, d.LastAckRecv)
		switch {
		case d.Has&source.HasRetrans != 0 && d.Retrans >= repeatsInVain && d.LastAckRecv > natForgets:
			w.forgotten++
			continue
		case quiet <= natForgets:
			continue
		case k.Timer == source.TimerNone:
			w.bare++
		case k.Timer == source.TimerKeepalive && l.probesLate(k, d):
			w.probed(quiet, l.Snapshot.Remaining(k), l.period)
		default:
			continue
		}
		w.n++
		w.longest = max(w.longest, quiet)
	}
}

// probesLate: the next probe is far away, or soon, but after too long a time.
// One that is being probed and does not answer is another matter.
func (s *scene) probesLate(k *source.Socket, d *source.Detail) bool {
	return s.Snapshot.Remaining(k) > natForgets*time.Millisecond || d.Has&source.HasRetrans != 0 && d.Retrans == 0
}

// probed takes in one whose next probe is some time away.
func (w *idles) probed(quiet uint32, next time.Duration, period *int) {
	if w.firstProbe == 0 || next < w.firstProbe {
		w.firstProbe = max(next, time.Millisecond)
	}
	const slack = 2 * time.Second
	after := time.Duration(quiet)*time.Millisecond + next
	if period != nil && (after-time.Duration(*period)*time.Second).Abs() <= slack {
		w.bySysctl++
	}
}

func (w *idles) finding(s *scene, period *int) Finding {
	f := w.row.finding(s, IdleOutlivesNAT, SeverityNotice)
	f.Confidence = Possible
	f.Claim = fmt.Sprintf("%s: %s idle for up to %s, longer than many NATs remember",
		f.Subject, Plural(w.n, "connection"), lasting(w.longest))
	f.Evidence = []string{w.figures()}
	if w.forgotten > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s more repeat what they sent, and nothing has come for as long: so do forgotten ones, and those of a far end that is away.",
			Grouped(w.forgotten)))
	}
	f.Evidence = append(f.Evidence,
		"AWS's NAT gateways and network load balancers forget after 350 s, Azure's after 4 min; what is on the way here is not known.",
		"The next request on a forgotten connection hangs or is reset; probes of the far end would prevent that, and do not show here.")
	f.Remedies = w.remedies(s, period)
	return f
}

func (w *idles) figures() string {
	text := fmt.Sprintf("%s without a packet for more than 350 s", Grouped(w.n))
	if w.bare > 0 {
		text += fmt.Sprintf(", %s of them without SO_KEEPALIVE", Grouped(w.bare))
	}
	if probed := w.n - w.bare; probed > 0 {
		text += fmt.Sprintf(", %s with the next probe in %s at the earliest", Grouped(probed), lasting(uint32(w.firstProbe.Milliseconds())))
	}
	return text + "."
}

func (w *idles) remedies(s *scene, period *int) []Remedy {
	turn := "turn on SO_KEEPALIVE with TCP_KEEPIDLE=%d, or end idle connections sooner"
	if w.bare == 0 {
		turn = "lower TCP_KEEPIDLE to %d in the program, or end idle connections sooner"
	}
	out := []Remedy{{Kind: RemedyApplication, Page: PageNATKeepalive,
		Text:   fmt.Sprintf(turn, idleAdvised),
		Effect: "a probe a minute is enough for what is usual on the way"}}
	if w.bySysctl == 0 || period == nil || *period <= idleAdvised {
		return out
	}
	r := s.set(keyKeepaliveTime, strconv.Itoa(idleAdvised))
	r.Page = PageNATKeepalive
	r.Effect = fmt.Sprintf("seconds of idleness, for the %s that use it; those open now get it when their timer fires next", Grouped(w.bySysctl))
	if w.bare > 0 {
		r.Effect += "; it does nothing for those without SO_KEEPALIVE"
	}
	return append(out, r)
}
