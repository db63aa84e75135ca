package diagnosis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// wouldBe is what happens if everything goes on: the moment of the first
// refusal in ms from now, -1 for none in three minutes, and the mean number of
// ports in use in the last of these.
func (k *simKernel) wouldBe(l load, life func() int) (refused int, level float64) {
	start := k.now
	k.stop = true
	k.run(start+120_000, l, life)
	sum := 0
	const looks = 60
	for i := 0; i < looks && k.refused < 0; i++ {
		k.run(k.now+1000, l, life)
		sum += k.used()
	}
	if k.refused >= 0 {
		return k.refused - start, 0
	}
	return -1, float64(sum) / looks
}

func told(f *Forecast) string {
	if f == nil {
		return "nothing"
	}
	s := ""
	switch {
	case f.Exhausted != nil:
		s = fmt.Sprintf("in %.1f s", f.Exhausted.Seconds())
	case f.Settles != nil:
		s = fmt.Sprintf("settles at %d", *f.Settles)
	default:
		s = "unknown"
	}
	if f.AtTheEdge {
		s += ", at the edge"
	}
	return s
}

func toldDemand(d *Demand) string {
	if d == nil {
		return "unknown"
	}
	s := fmt.Sprintf("%.1f/s %s", d.PerSecond, d.Basis)
	if d.AtLeast {
		s = "≥ " + s
	}
	return s
}

func happened(refused int, level float64) string {
	if refused >= 0 {
		return fmt.Sprintf("in %.1f s", float64(refused)/1000)
	}
	return fmt.Sprintf("settles at %.0f", level)
}

// fits holds a forecast against what happened: 2 s or 10 % of the moment, 5 %
// of the level.
func fits(f *Forecast, refused int, level float64) bool {
	switch {
	case f == nil:
		return false
	case refused >= 0:
		then := float64(refused) / 1000
		return f.Exhausted != nil && math.Abs(f.Exhausted.Seconds()-then) <= max(2, then/10)
	}
	return f.Settles != nil && math.Abs(float64(*f.Settles)-level) <= level/20
}

// watch looks every second from the second first on, and returns the last look.
func watch(k *simKernel, l load, life func() int, first, last int) *Destination {
	s := newSeries()
	var d *Destination
	for sec := 1; sec <= last; sec++ {
		k.run(sec*1000, l, life)
		if sec >= first {
			d = only(s.assess(k.world()))
		}
	}
	return d
}

// TestForecastOfLiveConnections: with reuse too, connections that nobody closes,
// or that live for long, take all ports in the end. Where TIME_WAITs are reused
// fewer closes show than there are, so that it may be 3 s off.
func TestForecastOfLiveConnections(t *testing.T) {
	skipShort(t)
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	for name, life := range map[string]func() int{
		"for ever":         lifetime(3_600_000),
		"30 s":             lifetime(30_000),
		"30 s in the mean": func() int { return int(30_000 * rng.ExpFloat64()) },
	} {
		for _, reuse := range []bool{false, true} {
			for _, looks := range []int{6, 9, 12} {
				k := newSimKernel(1000, 7)
				k.reuse = reuse
				l := steady(60)
				d := watch(k, l, life, 1, looks)
				refused, level := k.copy().wouldBe(l, life)
				t.Logf("%s, reuse %v, at %d s: %s, %s; %s", name, reuse, looks, toldDemand(d.Demand), told(d.Forecast), happened(refused, level))
				off := math.Inf(1)
				if e := d.Forecast.Exhausted; e != nil && refused >= 0 {
					off = math.Abs(e.Seconds() - float64(refused)/1000)
				}
				if off > 2 && (!reuse || off > 3) {
					t.Errorf("%s, reuse %v, at %d s: told %s; it %s", name, reuse, looks, told(d.Forecast), happened(refused, level))
				}
			}
		}
	}
}

func only(r *Report) *Destination {
	if len(r.Destinations) != 1 {
		return nil
	}
	return &r.Destinations[0]
}

// TestForecastOfSteadyDemand: after five seconds of data, from one look and
// from five.
func TestForecastOfSteadyDemand(t *testing.T) {
	skipShort(t)
	t.Parallel()
	for _, size := range []int{500, 4000, 28232} {
		for _, times := range []float64{0.3, 0.5, 0.85, 1.15, 1.3, 2, 3.2, 10} {
			for _, first := range []int{1, 5} {
				if size > 20000 && first == 5 && times != 3.2 {
					continue
				}
				rate := float64(size) / 60 * times
				l, life := steady(rate), lifetime(5)
				k := newSimKernel(size, 7)
				d := watch(k, l, life, first, 5)
				refused, level := k.copy().wouldBe(l, life)
				t.Logf("%5d ports, %4.2f× = %7.1f/s, %d looks: %-24s %-28s happened: %s", size, times, rate, 6-first,
					toldDemand(d.Demand), told(d.Forecast), happened(refused, level))
				if !fits(d.Forecast, refused, level) {
					t.Errorf("%d ports, %.2f×, %d looks: told %s, happened %s", size, times, 6-first, told(d.Forecast), happened(refused, level))
				}
			}
		}
	}
}

// TestForecastAllAlong: every second from the fifth until ports run out, or
// for three minutes, it is right, whenever somebody begins to watch.
func TestForecastAllAlong(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 4000
	for _, times := range []float64{0.5, 0.85, 1.15, 2} {
		for _, begin := range []int{1, 20, 70} {
			rate := float64(size) / 60 * times
			l, life := steady(rate), lifetime(5)
			k := newSimKernel(size, 11)
			refused, level := k.copy().wouldBe(steady(rate), life)
			s := newSeries()
			worst, wrong := 0.0, 0
			for sec := 1; sec <= 180 && (refused < 0 || sec*1000 < refused); sec++ {
				k.run(sec*1000, l, life)
				if sec < max(begin, 5) {
					if sec >= begin {
						s.assess(k.world())
					}
					continue
				}
				d := only(s.assess(k.world()))
				left := -1
				if refused >= 0 {
					left = refused - k.now
				}
				if !fits(d.Forecast, left, level) {
					wrong++
					t.Errorf("%.2f×, from %d s, at %d s: %s told %s, will be %s", times, begin, sec, toldDemand(d.Demand), told(d.Forecast), happened(left, level))
				} else if d.Forecast.Exhausted != nil {
					worst = max(worst, math.Abs(d.Forecast.Exhausted.Seconds()-float64(left)/1000))
				} else {
					worst = max(worst, 100*math.Abs(float64(*d.Forecast.Settles)/level-1))
				}
			}
			t.Logf("%.2f×, watched from %2d s: off by %.1f (s or %%) at the most", times, begin, worst)
		}
	}
}

// TestForecastTable shows what is said of demands that are not steady, and
// what then happens. Only what must not be is an error.
func TestForecastTable(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 4000
	bears := float64(size) / 60
	rng := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct {
		name string
		load load
		life func() int
		must bool // it must be right, from ten seconds on
	}{
		{"ramp 0 to 3× in 60 s", varying(func(t float64) float64 { return bears * 3 * min(t/60, 1) }), lifetime(5), false},
		{"bursts of 3 s at 4× every 60 s", varying(func(t float64) float64 { return burst(t, 60, 3, 4*bears) }), lifetime(5), false},
		{"bursts of 1 s at 5× every 10 s", varying(func(t float64) float64 { return burst(t, 10, 1, 5*bears) }), lifetime(5), false},
		{"poisson 0.8×", poisson(bears*0.8, rng), lifetime(5), false},
		{"poisson 1.0×", poisson(bears, rng), lifetime(5), false},
		{"poisson 1.2×", poisson(bears*1.2, rng), lifetime(5), false},
		{"8 s connections, 0.7×", steady(bears * 0.7), lifetime(8000), true},
		{"8 s connections, 1.3×", steady(bears * 1.3), lifetime(8000), true},
		{"8 s on average, 1.3×", steady(bears * 1.3), func() int { return int(rng.ExpFloat64() * 8000) }, true},
		{"30 s connections, 1.5×", steady(bears * 1.5), lifetime(30_000), true},
	} {
		k := newSimKernel(size, 13)
		s := newSeries()
		for sec := 1; sec <= 90; sec++ {
			k.run(sec*1000, c.load, c.life)
			d := only(s.assess(k.world()))
			switch sec {
			case 3, 5, 10, 15, 30, 60, 90:
			default:
				continue
			}
			if k.refused >= 0 || d == nil {
				continue
			}
			// The load goes on from here; it is a function of time, so a copy
			// of the kernel may go ahead with another like it.
			text := ""
			if c.must {
				ahead := k.copy()
				refused, level := ahead.wouldBe(c.load, c.life)
				text = happened(refused, level)
				if sec >= 10 && refused >= 0 && !fits(d.Forecast, refused, level) {
					t.Errorf("%s at %d s: %s, told %s, happened %s", c.name, sec, toldDemand(d.Demand), told(d.Forecast), text)
				}
			}
			t.Logf("%-31s at %2d s: %4d used, %-22s %-28s above for %2.0f s  %s", c.name, sec, d.Ports.Used,
				toldDemand(d.Demand), told(d.Forecast), d.Forecast.Above.Seconds(), text)
		}
		if k.refused >= 0 {
			t.Logf("%-31s refused first at %.1f s", c.name, float64(k.refused)/1000)
		}
	}
}

func burst(t, every, long, rate float64) float64 {
	if math.Mod(t, every) < long {
		return rate
	}
	return 0
}

// TestSustainableWhileMoreAreOpen: what is said to be borne is, also where the
// live connections still become more: a little less never fails, and a little
// more does.
func TestSustainableWhileMoreAreOpen(t *testing.T) {
	skipShort(t)
	t.Parallel()
	const size = 2000
	for _, c := range []struct{ times, seconds float64 }{{1.2, 30}, {1.5, 20}, {2.5, 10}} {
		life := lifetime(int(c.seconds * 1000))
		k := newSimKernel(size, 23)
		d := watch(k, steady(c.times*size/60), life, 1, int(c.seconds)+2)
		if d.Demand == nil || !d.Demand.growing() || d.Forecast.Sustainable == nil {
			t.Fatalf("%+v: %s, %+v", c, toldDemand(d.Demand), d.Forecast)
		}
		bears := *d.Forecast.Sustainable
		t.Logf("%+v: %s, %.1f/s are told to be borne", c, toldDemand(d.Demand), bears)
		for part, fails := range map[float64]bool{0.9: false, 1.1: true} {
			if refused, level := newSimKernel(size, 29).wouldBe(steady(bears*part), life); refused >= 0 != fails {
				t.Errorf("%+v: of %.1f/s that are told to be borne, %.2f times as many %s", c, bears, part, happened(refused, level))
			}
		}
	}
}
