package ui

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// benchFrame is a report of sockets TIME_WAITs over some destinations.
func benchFrame(sockets, destinations int) *diagnosis.Report {
	b := source.NewBuilder()
	b.Begin(source.Frame{Clock: 1_000_000, Range: source.PortRange{Low: 1024, High: 65535}, RangeKnown: true, Hint: sockets})
	local := source.AddrFrom(netip.MustParseAddr("10.0.2.4"))
	for i := range sockets {
		d := i % destinations
		b.Add(&source.Entry{
			Local: local, Remote: source.AddrFrom(netip.AddrFrom4([4]byte{10, byte(d >> 16), byte(d >> 8), byte(d)})),
			LocalPort: uint16(1024 + i/destinations%64512), RemotePort: 443,
			State: source.StateTimeWait, Timer: source.TimerTimeWait, Expires: uint32(i % 60_000),
		})
	}
	s := b.Finish()
	s.Taken, s.Sysctls = time.Unix(1_800_000_000, 0), map[string]string{"net.ipv4.tcp_tw_reuse": "0"}
	return new(diagnosis.Assessor).Assess(s)
}

type load struct{ sockets, destinations int }

func (l load) String() string { return fmt.Sprintf("%d-to-%d", l.sockets, l.destinations) }

var loads = []load{{28_000, 2}, {28_000, 5_000}, {1_000_000, 36}, {1_000_000, 1_000_000}}

func benchModel(b *testing.B, l load, w, h int) *Model {
	b.Helper()
	m := newModel(b.Context(), Options{SysctlCatalogue: sysctl.Catalogue(), Now: func() time.Time { return time.Unix(0, 0) }}, termenv.TrueColor)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	f := newFrame(benchFrame(l.sockets, l.destinations), sysctl.Catalogue(), false)
	f.order = m.view.arrange(f.report)
	m.Update(frameMsg{frame: f})
	return m
}

// BenchmarkView draws a screen anew: it must not depend on the load.
func BenchmarkView(b *testing.B) {
	for _, l := range loads {
		for _, s := range sizes[:3] {
			b.Run(l.String()+"/"+s.name, func(b *testing.B) {
				m := benchModel(b, l, s.w, s.h)
				b.ReportAllocs()
				for b.Loop() {
					m.drawn = ""
					_ = m.View()
				}
			})
		}
	}
}

// BenchmarkViewCached is what Bubble Tea's View after every message costs.
func BenchmarkViewCached(b *testing.B) {
	m := benchModel(b, loads[0], 200, 60)
	b.ReportAllocs()
	for b.Loop() {
		_ = m.View()
	}
}

// BenchmarkUpdateFrame is what a frame costs on the UI's goroutine, where keys wait.
func BenchmarkUpdateFrame(b *testing.B) {
	for _, l := range loads {
		b.Run(l.String(), func(b *testing.B) {
			m := benchModel(b, l, 200, 60)
			m.Update(keyTypes["down"])
			f := m.frame
			b.ReportAllocs()
			for b.Loop() {
				m.Update(frameMsg{frame: f})
				_ = m.View()
			}
		})
	}
}

// BenchmarkKey is the answer to a key, drawn.
func BenchmarkKey(b *testing.B) {
	for _, l := range loads {
		for _, k := range []string{"down", "s", "enter"} {
			b.Run(l.String()+"/"+k, func(b *testing.B) {
				m := benchModel(b, l, 200, 60)
				msg, ok := keyTypes[k]
				if !ok {
					msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
				}
				for b.Loop() {
					m.Update(msg)
					_ = m.View()
				}
			})
		}
	}
}

// BenchmarkArrange is the sorting that goes along with a read.
func BenchmarkArrange(b *testing.B) {
	for _, l := range loads {
		r := benchFrame(l.sockets, l.destinations)
		for c := range destColumns {
			if col := &destColumns[c]; col.title == "TO" || col.title == "USED" || col.natural {
				b.Run(l.String()+"/"+col.title, func(b *testing.B) {
					v := view{dests: sorting{column: c}}
					for b.Loop() {
						_ = v.arrange(r)
					}
				})
			}
		}
	}
}
