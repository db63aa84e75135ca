package diagnosis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// quiet is what the kernel tells of a full socket that was quiet for so long.
func quiet(ms uint32) source.Detail {
	return source.Detail{
		Has:   source.HasQueues | source.HasUID | source.HasInode | source.HasInfo | source.HasRetrans,
		Inode: 7, UID: 33, LastDataSent: ms, LastDataRecv: ms, LastAckRecv: ms,
	}
}

// many adds n connections of 10.0.0.1 in a state, the far end's being remote.
func (w *world) many(n int, remote string, state source.State, d source.Detail) {
	for range n {
		w.conn("10.0.0.1", 20000+len(w.entries), remote, state).Detail = d
	}
}

// serve adds n connections of the service 10.0.0.1:80 in a state.
func (w *world) serve(n int, peer string, state source.State, d source.Detail) {
	for range n {
		w.conn("10.0.0.1", 80, fmt.Sprintf("%s:%d", peer, 30000+len(w.entries)), state).Detail = d
	}
}

// of are the report's findings with an ID.
func of(r *Report, id ID) (found []Finding) {
	for _, f := range r.Findings {
		if f.ID == id {
			found = append(found, f)
		}
	}
	return found
}

func TestCloseWaitLeakByAge(t *testing.T) {
	unaged := quiet(0)
	unaged.Has &^= source.HasInfo
	for name, c := range map[string]struct {
		n    int
		d    source.Detail
		says string // "" for nothing
	}{
		"20 of 30 s":      {20, quiet(30_000), "the client leaves 20 connections open that the server closed, the oldest 30 s ago"},
		"20 of 29.9 s":    {20, quiet(29_999), ""},
		"19 of 30 s":      {19, quiet(30_000), ""},
		"5 of 5 min":      {5, quiet(300_000), "the oldest 5 min ago"},
		"4 of 5 h":        {4, quiet(18_000_000), ""},
		"1,000 young":     {1000, quiet(3), ""},
		"ages not known":  {1000, unaged, ""},
		"the oldest ever": {5, quiet(1<<32 - 1), "the oldest 1193 h ago"},
	} {
		w := newWorld()
		w.many(c.n, away, source.StateCloseWait, c.d)
		found := of(assess(w), CloseWaitLeak)
		if c.says == "" {
			none(t, found, name)
			continue
		}
		f := hint(t, found, c.says, "10.0.0.1 → 10.0.0.9:5432", "They belong to uid 33.", "holds a local port", "no sysctl ends", "page close-wait-leak")
		if f.Confidence != Possible || f.Destination != 0 || f.Service != -1 || f.Subject != "10.0.0.1 → "+away {
			t.Errorf("%s: %+v", name, f)
		}
		for _, r := range f.Remedies {
			if r.Kind == RemedySysctl {
				t.Errorf("%s: a sysctl: %+v", name, r)
			}
		}
	}
}

// TestCloseWaitPool: a few old ones that stay may be a pool that nobody uses.
func TestCloseWaitPool(t *testing.T) {
	const old = 900_000
	for name, c := range map[string]struct {
		count  func(second int) int
		frames int
		ports  uint16 // beside 20000
		pool   bool
	}{
		"ten":                 {func(int) int { return 10 }, 1, 999, true},
		"ten, for a minute":   {func(int) int { return 10 }, 65, 999, true},
		"30, for a minute":    {func(int) int { return 30 }, 65, 999, true},
		"49":                  {func(int) int { return 49 }, 1, 999, true},
		"50":                  {func(int) int { return 50 }, 1, 999, false},
		"they grow":           {func(s int) int { return 6 + s/2 }, 20, 999, false},
		"they grew long ago":  {func(s int) int { return min(6+s/2, 15) }, 90, 999, true},
		"ports are scarce":    {func(int) int { return 40 }, 1, 49, false},
		"ports are not":       {func(int) int { return 40 }, 1, 59, true},
		"they grew, steadily": {func(s int) int { return min(6+s, 40) }, 120, 999, false},
	} {
		w, s := newWorld(), newSeries()
		w.frame.Range.High = 20000 + c.ports
		var r *Report
		for i := range c.frames {
			w.entries = nil
			w.many(c.count(i), away, source.StateCloseWait, quiet(old))
			r = s.assess(w)
			w.frame.Clock += 1000
		}
		found := of(r, CloseWaitLeak)
		if len(found) != 1 {
			t.Fatalf("%s: %d findings", name, len(found))
		}
		f := &found[0]
		restart := strings.HasPrefix(f.Remedies[0].Text, "restart")
		if (f.Severity == SeverityNotice) != c.pool || (f.Confidence == Possible) != c.pool || restart == c.pool || strings.Contains(f.text(), "restart") == c.pool {
			t.Errorf("%s: %v %s: %s", name, f.Severity, f.Confidence, f.text())
		}
	}
	w := newWorld()
	w.listen("10.0.0.1:80")
	w.serve(10, "192.0.2.7", source.StateCloseWait, quiet(old))
	one(t, of(assess(w), CloseWaitLeak), "restart the server")
}

// TestCloseWaitLeakGrows: where ages do not tell, the count does, if it never falls.
func TestCloseWaitLeakGrows(t *testing.T) {
	unaged, probed := quiet(0), quiet(0)
	unaged.Has &^= source.HasInfo
	probed.LastDataRecv = 50_000 // its ACKs are answers to probes
	for name, c := range map[string]struct {
		d      source.Detail
		count  func(second int) int
		step   int // seconds between frames
		frames int
		want   bool
	}{
		"grows":                 {unaged, func(s int) int { return s }, 1, 36, true},
		"grows, probes":         {probed, func(s int) int { return s }, 1, 36, true},
		"grows, others each":    {quiet(100), func(s int) int { return s }, 1, 36, false},
		"not for long":          {unaged, func(s int) int { return 2 * s }, 1, 25, false},
		"too slowly":            {unaged, func(s int) int { return 5 + s/4 }, 1, 60, false},
		"falls at times":        {unaged, func(s int) int { return 5 + s - 9*(s/10) }, 1, 60, false},
		"stays":                 {unaged, func(int) int { return 20 }, 1, 62, true},
		"stays, not for long":   {unaged, func(int) int { return 20 }, 1, 59, false},
		"stays, a few":          {unaged, func(int) int { return 19 }, 1, 62, false},
		"two frames, far apart": {unaged, func(s int) int { return s }, 100, 2, false},
	} {
		w, s := newWorld(), newSeries()
		var r *Report
		for i := range c.frames {
			w.entries = nil
			w.many(c.count(i*c.step), away, source.StateCloseWait, c.d)
			r = s.assess(w)
			w.frame.Clock += uint32(c.step) * 1000
		}
		found := of(r, CloseWaitLeak)
		if !c.want {
			none(t, found, name)
			continue
		}
		if name == "stays" {
			hint(t, found, "let the pool end idle connections")
			continue
		}
		if f := one(t, found, "the client leaves"); f.Confidence != Possible {
			t.Errorf("%s: %s", name, f.Confidence)
		}
	}
}

func TestCloseWaitLeakOfService(t *testing.T) {
	w := newWorld()
	w.listen("10.0.0.1:80")
	w.serve(100, "192.0.2.7", source.StateCloseWait, quiet(45_000))
	f := one(t, of(assess(w), CloseWaitLeak), "10.0.0.1:80: the server leaves 100 connections open that the clients closed, the oldest 45 s ago", "none ends before the server closes it", "restart the server", "holds a file")
	if f.Destination != -1 || f.Service != 0 || strings.Contains(f.text(), "local port") {
		t.Errorf("%+v", f)
	}
	queued := quiet(45_000)
	queued.Inode = 0
	w = newWorld()
	w.listen("10.0.0.1:80")
	w.serve(100, "192.0.2.7", source.StateCloseWait, queued)
	f = one(t, of(assess(w), CloseWaitLeak), "the server has not accepted", "wait for accept()", "page listen-overflow")
	if strings.Contains(f.text(), "belong to uid") {
		t.Errorf("nobody holds them: %+v", f)
	}
	queued.Has &^= source.HasInode
	w.entries = nil
	w.serve(100, "192.0.2.7", source.StateCloseWait, queued)
	one(t, of(assess(w), CloseWaitLeak), "the server leaves 100 connections open", "restart the server that holds them")
}

// TestCloseWaitLeakSpread: a client may forget a few at each of many destinations.
func TestCloseWaitLeakSpread(t *testing.T) {
	w := newWorld()
	for i := range 50 {
		w.many(2, fmt.Sprintf("192.0.2.%d:443", i+1), source.StateCloseWait, quiet(60_000))
	}
	f := one(t, of(assess(w), CloseWaitLeak), "Clients here leave 100 connections to 50 destinations open that the servers closed, the oldest 60 s ago", "all for more than 30 s")
	if f.Subject != thisHost || f.Destination != -1 || f.Service != -1 {
		t.Errorf("%+v", f)
	}
	w.entries = w.entries[:99]
	none(t, of(assess(w), CloseWaitLeak), "99 are few")
}

// TestCloseWaitLeakMany: the worst come first, and the first says how many more.
func TestCloseWaitLeakMany(t *testing.T) {
	w := newWorld()
	for i := range 8 {
		w.many(20+i, fmt.Sprintf("[2001:db8::%x]:443", i+1), source.StateCloseWait, quiet(60_000))
	}
	found := of(assess(w), CloseWaitLeak)
	if len(found) != maxSubjects || found[0].Evidence[len(found[0].Evidence)-1] != "And 3 more like it." {
		t.Fatalf("%d: %+v", len(found), found)
	}
	if !strings.Contains(found[0].Claim, "27 connections") || !strings.Contains(found[0].Subject, "[2001:db8::8]:443") {
		t.Errorf("%s", found[0].Claim)
	}
}

func TestOwners(t *testing.T) {
	var o owners
	for uid := range uint32(9) {
		o.add(&source.Detail{Has: source.HasUID | source.HasInode, Inode: 1, UID: uid})
	}
	o.add(&source.Detail{Has: source.HasUID | source.HasInode, Inode: 1, UID: 2})
	o.add(&source.Detail{Has: source.HasUID, Inode: 1, UID: 9})
	o.add(nil)
	s := &scene{Report: &Report{Snapshot: &source.Snapshot{Processes: []source.Process{{UID: 2, User: "www-data"}}}}}
	if got, want := o.words(s), "Most belong to user www-data (2), others to other users."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
