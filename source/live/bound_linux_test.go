package live

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

// TestBoundSockets: they are asked for unless that is dear and in vain. Each
// frame has so many sockets in use, as many in the tables, and so many bound.
func TestBoundSockets(t *testing.T) {
	type frame struct {
		used, hashed, bound int
		asked               bool
	}
	cases := []struct {
		name      string
		inuse     string // TCP sockets; "" makes the file unreadable
		wantDials int
		frames    []frame
	}{
		{"small table", "100", 1, []frame{{100, 100, 0, true}, {100, 100, 0, true}}},
		{"middling table", "5001", 1, []frame{{5001, 5001, 0, true}, {5001, 5001, 0, false}, {5002, 5001, 1, true}, {5003, 5002, 1, true}}},
		{"none can be there", "60000", 2, []frame{{60000, 60000, 0, true}, {60005, 60005, 0, false}}},
		{"the first look is not deceived", "199995", 2, []frame{{199995, 199995, 1, true}, {199995, 199995, 1, true}}},
		{"unless the table is very large", "199996", 1, []frame{{199996, 199996, 0, false}, {199998, 199996, 1, true}}},
		{"none is there, and nothing changes", "60000", 2, []frame{{60002, 60000, 0, true}, {60003, 60001, 0, false}}},
		{"many in no table: beside the dump", "60000", 2, []frame{{60020, 60000, 0, true}, {60020, 60000, 0, false}}},
		{"one came", "60000", 2, []frame{{60002, 60000, 0, true}, {60003, 60000, 1, true}, {60002, 60000, 0, true}, {60002, 60000, 0, false}}},
		{"the kernel's own sockets count against it", "60000", 2, []frame{{59999, 60000, 0, true}, {60000, 60000, 1, false}, {60001, 60000, 2, true}, {60000, 60000, 1, true}}},
		{"nothing known", "", 2, []frame{{1, 1, 0, true}, {1, 1, 0, true}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := fakeProc(t, nil)
			k := new(fakeKernel)
			src := openFake(t, k, Config{ProcRoot: root})
			for i, f := range c.frames {
				stat := fmt.Sprintf("sockets: used %d\nTCP: inuse %s orphan 0 tw 5 alloc 3 mem 0\n", f.used, c.inuse)
				if c.inuse == "" {
					stat = ""
				}
				writeFile(t, root, "thread-self/net/sockstat", stat)
				writeFile(t, root, "thread-self/net/protocols", fmt.Sprintf("protocol  size sockets\nTCP  2432  %d\n", f.hashed))
				k.requests, k.bound = nil, f.bound
				s, err := src.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				asked := slices.ContainsFunc(k.requests, func(r *request) bool {
					return r.states == source.StateBoundInactive.Mask()
				})
				want := f.bound
				if !f.asked {
					want = 0
				}
				if asked != f.asked || len(s.Bound) != want || int(s.States[source.StateBoundInactive]) != want {
					t.Errorf("frame %d: asked = %v, %d bound; want %v and %d", i, asked, len(s.Bound), f.asked, want)
				}
			}
			if k.dials != c.wantDials {
				t.Errorf("%d connections, want %d", k.dials, c.wantDials)
			}
		})
	}
}

// TestBoundSocketsAreLookedForAgain: the figure can be deceived, but not for long.
func TestBoundSocketsAreLookedForAgain(t *testing.T) {
	k := new(fakeKernel)
	src := openFake(t, k, Config{ProcRoot: fakeProc(t, map[string]string{
		"thread-self/net/sockstat": "sockets: used 60000\nTCP: inuse 60000 orphan 0 tw 5 alloc 3 mem 0\n",
	})})
	asked := 0
	for range 2 * (boundFrames + 1) {
		k.requests = nil
		if _, err := src.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(k.requests, func(r *request) bool { return r.states == source.StateBoundInactive.Mask() }) {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("asked in %d frames, want every eleventh", asked)
	}
}

// TestBoundSocketsOfOldKernels: where none was ever seen, a gap says that the
// kernel may not show them.
func TestBoundSocketsOfOldKernels(t *testing.T) {
	r := &boundReader{kernel: "6.1.0-18-amd64"}
	if b := (&boundRead{reader: r}).wait(t.Context(), new(facts)); len(b.gaps) != 1 {
		t.Errorf("gaps %q, want one", b.gaps)
	}
	if b := (&boundRead{reader: r, bound: make([]source.Bound, 1)}).wait(t.Context(), new(facts)); len(b.gaps) != 0 {
		t.Errorf("gaps %q of a kernel that shows them", b.gaps)
	}
	if b := (&boundRead{reader: &boundReader{kernel: "6.18.44"}}).wait(t.Context(), new(facts)); len(b.gaps) != 0 {
		t.Errorf("gaps %q of a new kernel", b.gaps)
	}
}

// TestBlockersUnknown: whatever may hide a port's blocker says so.
func TestBlockersUnknown(t *testing.T) {
	cut := script{{parts: []part{{typ: msgDone, flags: flagDumpInterrupted}}}}
	brokenOff := script{
		{parts: []part{{state: source.StateListen, local: 4001}}}, {parts: []part{{typ: msgDone, errno: int32(unix.ENOMEM)}}},
	}
	for name, c := range map[string]struct {
		kernel *fakeKernel
		family int
		files  map[string]string
		gap    string // "" where all is known
	}{
		"all known":                        {kernel: &fakeKernel{}},
		"listeners changed":                {kernel: &fakeKernel{listenScripts: []script{cut}}, gap: "the listeners changed"},
		"listeners broken off":             {kernel: &fakeKernel{listenScripts: []script{brokenOff}}, gap: "the listeners changed"},
		"bound sockets changed":            {kernel: &fakeKernel{boundScripts: []script{cut}}, gap: "the bound sockets changed"},
		"bound sockets refused":            {kernel: &fakeKernel{boundScripts: []script{brokenOff}}, gap: "bound sockets could not be read"},
		"reserved ports not there":         {kernel: &fakeKernel{}, files: map[string]string{"sys/net/ipv4/ip_local_reserved_ports": ""}, gap: "no port is taken for reserved"},
		"reserved ports not to understand": {kernel: &fakeKernel{}, files: map[string]string{"sys/net/ipv4/ip_local_reserved_ports": "80,none\n"}, gap: "none"},
		"only IPv4":                        {kernel: &fakeKernel{}, family: 4, gap: "only IPv4 was asked for"},
		"only IPv6":                        {kernel: &fakeKernel{}, family: 6, gap: "only IPv6 was asked for"},
	} {
		proc := fakeProc(t, c.files)
		s, err := openFake(t, c.kernel, Config{ProcRoot: proc, Family: c.family}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := c.gap != ""; s.BlockersUnknown != want {
			t.Errorf("%s: blockers unknown = %v, want %v", name, s.BlockersUnknown, want)
		}
		checkGap(t, s.Gaps, c.gap)
	}
}

// TestGapsOutlastTheLookForBoundSockets: the look after the main dump, on the
// same connection, does not wipe out what the dump did not understand.
func TestGapsOutlastTheLookForBoundSockets(t *testing.T) {
	k := &fakeKernel{scripts: []script{{{parts: []part{{state: 15, local: 7}}}, done}}, bound: 1}
	s, err := openFake(t, k, Config{ProcRoot: fakeProc(t, map[string]string{
		"thread-self/net/sockstat":  "sockets: used 300001\nTCP: inuse 300000 orphan 0 tw 5 alloc 3 mem 0\n",
		"thread-self/net/protocols": "protocol  size sockets\nTCP  2432  300000\n",
	})}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Bound) != 1 || k.dials != 1 {
		t.Errorf("%d bound on %d connections, want 1 on 1", len(s.Bound), k.dials)
	}
	checkGap(t, s.Gaps, "in a state that this version does not know")
}

// TestFleetingSocketsAreCountedAgain: netlink sockets that somebody closed
// just now are in no table for 20 ms, and are no reason to look.
func TestFleetingSocketsAreCountedAgain(t *testing.T) {
	sockstat := func(used int) string {
		return fmt.Sprintf("sockets: used %d\nTCP: inuse 300000 orphan 0 tw 5 alloc 3 mem 0\n", used)
	}
	root := fakeProc(t, map[string]string{
		"thread-self/net/sockstat":  sockstat(300002),
		"thread-self/net/protocols": "protocol  size sockets\nTCP  2432  300000\n",
	})
	end := done
	end.before = func() { writeFile(t, root, "thread-self/net/sockstat", sockstat(300000)) }
	k := &fakeKernel{scripts: []script{timeWaits(5).then(end)}, bound: 1}
	s, err := openFake(t, k, Config{ProcRoot: root}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Bound) != 0 || slices.ContainsFunc(k.requests, func(r *request) bool { return r.states == source.StateBoundInactive.Mask() }) {
		t.Errorf("looked for bound sockets although none could be left: %+v", k.requests)
	}
}
