package capture_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
)

func anonymizer(b byte) *capture.Anonymizer { return capture.NewAnonymizer([32]byte{b}) }

// mapped is what stands for addresses, asked for as listeners.
func mapped(t testing.TB, a *capture.Anonymizer, in []netip.Addr) []netip.Addr {
	t.Helper()
	s := new(source.Snapshot)
	for _, ip := range in {
		s.Listeners = append(s.Listeners, source.Listener{Local: source.AddrFrom(ip)})
	}
	c, err := a.Snapshot(s)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]netip.Addr, len(in))
	for i := range out {
		out[i] = c.Listeners[i].Local.IP()
	}
	return out
}

// classOf is what of an address is kept.
func classOf(a netip.Addr) string {
	in := func(p string) bool { return netip.MustParsePrefix(p).Contains(a) }
	return fmt.Sprint(a.Is4(), a.IsUnspecified(), a.IsLoopback(), a.IsPrivate(), a.IsLinkLocalUnicast(), a.IsMulticast(), a.IsGlobalUnicast(),
		in("10.0.0.0/8"), in("172.16.0.0/12"), in("192.168.0.0/16"), in("100.64.0.0/10"), in("2000::/3"))
}

func network(a netip.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits)
	return p
}

func TestAddressesKeepWhatMatters(t *testing.T) {
	rng := rand.New(rand.NewPCG(seeded(t), 3))
	in := []netip.Addr{}
	for _, s := range []string{"0.0.0.0", "::", "127.0.0.1", "127.0.0.53", "::1", "0.0.0.1", "0.0.0.9", "::2", "::3", "fe80::1", "fe80::2", "ff02::1", "64:ff9b::1"} {
		in = append(in, netip.MustParseAddr(s))
	}
	for _, p := range []string{"10.0.0.0", "10.255.255.0", "172.16.1.0", "192.168.1.0", "192.168.2.0", "169.254.169.0", "100.64.3.0", "8.8.8.0", "203.0.113.0", "224.0.0.0", "172.32.0.0", "11.0.0.0"} {
		b := netip.MustParseAddr(p).As4()
		for i := range 256 {
			b[3] = byte(i)
			in = append(in, netip.AddrFrom4(b))
		}
	}
	for range 3000 {
		var b [16]byte
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		in = append(in, netip.AddrFrom4([4]byte(b[:4])), netip.AddrFrom16(b))
		b[0], b[1] = [...]byte{0xfd, 0x20, 0xfe}[rng.IntN(3)], 0x80
		in = append(in, netip.AddrFrom16(b))
		b[15]++
		in = append(in, netip.AddrFrom16(b))
	}
	slices.SortFunc(in, netip.Addr.Compare)
	in = slices.Compact(in)
	out := mapped(t, anonymizer(1), in)
	stands, networks, back := map[netip.Addr]netip.Addr{}, map[netip.Prefix]netip.Prefix{}, map[netip.Prefix]netip.Prefix{}
	still := 0
	for i, a := range in {
		b := out[i]
		if other, ok := stands[b]; ok {
			t.Fatalf("%v stands for both %v and %v", b, other, a)
		}
		stands[b] = a
		if classOf(a) != classOf(b) {
			t.Errorf("%v became %v", a, b)
		}
		if n, ok := networks[network(a)]; ok && n != network(b) {
			t.Errorf("%v of %v became one of %v and of %v", a, network(a), n, network(b))
		}
		if n, ok := back[network(b)]; ok && n != network(a) {
			t.Errorf("%v and %v became one network", n, network(a))
		}
		networks[network(a)], back[network(b)] = network(b), network(a)
		if a == b {
			still++
		}
	}
	if still > 40 {
		t.Errorf("%d of %d addresses are what they were", still, len(in))
	}
	if again := mapped(t, anonymizer(1), in); !slices.Equal(again, out) {
		t.Error("another time they are others")
	}
	if other := mapped(t, anonymizer(2), in); slices.Equal(other, out) {
		t.Error("with another secret they are the same")
	}
}

// secretWorld is a snapshot with words that must not be left.
func secretWorld() *source.Snapshot {
	w := newWorld(1)
	for range 5 {
		w.step()
	}
	s := w.look()
	s.Host = source.Host{Name: "secret-host", Kernel: "6.1.0-secret-kernel", NetNS: "/run/netns/secret-ns", Cookie: 424242, BootID: "secret-boot"}
	s.Gaps = []string{"/proc/77/fd of secret-program could not be read", "more of secret-program"}
	s.Processes = []source.Process{{PID: 777, Name: "secret-comm", UID: 4711, User: "secret-user"}}
	s.Sysctls = map[string]string{"net.ipv4.tcp_tw_reuse": "2", "kernel.hostname": "secret-name"}
	return s
}

func TestNothingIsLeftOfNames(t *testing.T) {
	s := secretWorld()
	before := fmt.Sprintf("%+v", s)
	c, err := anonymizer(9).Snapshot(s)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", s) != before {
		t.Error("the snapshot itself was changed")
	}
	for _, word := range []string{"secret", "Cookie:424242", "UID:4711", "PID:777"} {
		if strings.Contains(fmt.Sprintf("%+v", c), word) {
			t.Errorf("%s is left in %+v", word, c)
		}
	}
	if c.Host.Kernel != "6.1.0" || c.Sysctls["net.ipv4.tcp_tw_reuse"] != "2" || len(c.Gaps) != 1 || !strings.HasPrefix(c.Gaps[0], "2 things") {
		t.Errorf("%+v", c)
	}
	h := anonymizer(9).Header(capture.Header{Host: "secret", NetNS: "secret", Kernel: "6.18.44-secret", Tool: "twtop"})
	if !h.Anonymized || h.Kernel != "6.18.44" || strings.Contains(fmt.Sprint(h), "secret") {
		t.Errorf("%+v", h)
	}
	for i := range s.Flows {
		if a, b := s.Flows[i], c.Flows[i]; a.Local == b.Local && !a.Local.IsLoopback() && a.Remote == b.Remote && !a.Remote.IsLoopback() {
			t.Errorf("%+v is left", a)
		}
	}
}

// anonymous is what of a report does not depend on names.
type anonymous struct {
	flows    map[int]diagnosis.Destination
	findings []string
	headline diagnosis.Severity
	services int
}

func anonymousOf(r *diagnosis.Report) anonymous {
	a := anonymous{flows: map[int]diagnosis.Destination{}, headline: r.Headline.Severity, services: len(r.Services)}
	for _, d := range r.Destinations {
		d.Local, d.Remote = netip.Addr{}, netip.AddrPortFrom(netip.Addr{}, d.Remote.Port())
		d.Owners = nil // told of the first rows only, and the order of equals is that of their addresses
		a.flows[d.Flow] = d
	}
	for _, f := range r.Findings {
		a.findings = append(a.findings, fmt.Sprint(f.ID, f.Severity, f.Confidence, len(f.Remedies)))
	}
	slices.Sort(a.findings)
	return a
}

func TestDiagnosisOfAnAnonymizedHost(t *testing.T) {
	if testing.Short() {
		t.Skip("it computes for seconds in one goroutine: nothing for the race detector")
	}
	seed := seeded(t)
	for n := range 4 {
		var open, hidden diagnosis.Assessor
		a := anonymizer(byte(n))
		w := newWorld(seed + uint64(n))
		for i := range 60 {
			s := w.look()
			c, err := a.Snapshot(s)
			if err != nil {
				t.Fatal(err)
			}
			was, is := anonymousOf(open.Assess(s)), anonymousOf(hidden.Assess(c))
			if diff := diffOf(was, is); diff != "" {
				t.Fatalf("world %d, frame %d: %s", n, i, diff)
			}
			w.step()
		}
	}
}

// TestHoldersStay: who holds a socket still does.
func TestHoldersStay(t *testing.T) {
	a, w, held := anonymizer(6), newWorld(9), 0
	for range 60 {
		s := w.look()
		c, err := a.Snapshot(s)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; s.Owners != nil && n < len(s.Owners.Holders); n++ {
			inode := s.Owners.Holders[n].Inode
			was, is := s.Owners.Holder(inode), c.Owners.Holder(inode)
			if (was == nil) != (is == nil) || was != nil && (!was.Born.Equal(is.Born) || is.Name != "" || is.Unit != "" || is.Container.ID != "") {
				t.Fatalf("%+v is %+v", was, is)
			}
			if was != nil {
				held++
			}
		}
		w.step()
	}
	if held == 0 {
		t.Error("nobody held anything")
	}
}

// TestAnonymizedCapture: stand-ins are as good to record as what they are for.
func TestAnonymizedCapture(t *testing.T) {
	a, w := anonymizer(5), newWorld(3)
	var b bytes.Buffer
	out, err := capture.NewWriter(&b, a.Header(header))
	if err != nil {
		t.Fatal(err)
	}
	var all []*source.Snapshot
	for range 40 {
		c, err := a.Snapshot(w.look())
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Write(c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		w.step()
	}
	r := open(t, b.Bytes())
	if !r.Header().Anonymized {
		t.Error("the header does not say so")
	}
	for i := range all {
		same(t, fmt.Sprint("frame ", i), all[i], frame(t, r, i))
	}
}

func BenchmarkAnonymize(b *testing.B) {
	h := newHost(440, 1, 0)
	for range 62 {
		h.step()
	}
	s, a := h.look(), anonymizer(1)
	for b.Loop() {
		if _, err := a.Snapshot(s); err != nil {
			b.Fatal(err)
		}
	}
}
