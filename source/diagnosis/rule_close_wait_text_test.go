package diagnosis

import (
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestLeakInAText: a text without ages is told by how many there are.
func TestLeakInAText(t *testing.T) {
	for _, c := range []struct {
		name          string
		kind          source.Kind
		waiting, open int
		has           source.Has
		want          bool
	}{
		{"many, and few are open", source.KindText, 40, 10, 0, true},
		{"few", source.KindText, 19, 0, 0, false},
		{"as many are open", source.KindText, 40, 11, 0, false},
		{"ages are told, and they are young", source.KindText, 40, 0, source.HasInfo, false},
		{"a host that can be looked at again", source.KindProc, 40, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := source.NewBuilder()
			b.Begin(source.Frame{Clock: 1000, Range: source.DefaultPortRange, RangeKnown: true})
			for i := range c.waiting + c.open {
				e := source.Entry{
					Local: source.AddrFromV4(0x0a000001), Remote: source.AddrFromV4(0x0a000002),
					LocalPort: uint16(40000 + i), RemotePort: 5432, State: source.StateCloseWait,
					Detail: source.Detail{Has: c.has},
				}
				if i >= c.waiting {
					e.State = source.StateEstablished
				}
				b.Add(&e)
			}
			s := b.Finish()
			s.Kind = c.kind
			r := new(Assessor).Assess(s)
			found := false
			for _, f := range r.Findings {
				if f.ID == CloseWaitLeak {
					found = true
					if f.Confidence != Possible {
						t.Errorf("confidence %q, want possible", f.Confidence)
					}
				}
			}
			if found != c.want {
				t.Errorf("told: %v, want %v", found, c.want)
			}
		})
	}
}
