package diagnosis

import "time"

// slab hands out pointers to values that lie together, in pieces of bounded
// size: a nil pointer says "unknown", and a frame does not need an
// allocation for each one that is known.
type slab[T any] struct{ room []T }

const slabPiece = 256

func (s *slab[T]) put(v T) *T {
	if len(s.room) == cap(s.room) {
		s.room = make([]T, 0, slabPiece)
	}
	s.room = append(s.room, v)
	return &s.room[len(s.room)-1]
}

// history fills in what the timers tell about the last minute.
func (a *assessment) history(d *Destination, t *tally) {
	if !t.untimed {
		peak := uint32(0)
		for _, n := range t.closes {
			peak = max(peak, n)
		}
		d.ClosesLast, d.ClosesPeak = a.ints.put(int(t.closes[SeriesLen-1])), a.ints.put(int(peak))
	}
	if t.next != forEver {
		d.NextRelease = a.durations.put(time.Duration(t.next) * time.Millisecond)
	}
}

// series keeps the last minute and the next one, second by second. There are
// none where the source does not tell the timers.
func (a *assessment) series(d *Destination, t *tally) {
	if t.untimed {
		return
	}
	d.Closes = a.seriesOf.put(t.closes)
	var releases Series
	for i := range releases {
		releases[i] = t.back[preferred][i] + t.back[other][i]
	}
	// Timers wobble by up to 30 ms above 60 s, and those are in the last second.
	releases[SeriesLen-1] += t.back[preferred][SeriesLen] + t.back[other][SeriesLen]
	d.Releases = a.seriesOf.put(releases)
}

// lateSeries gives the worst destinations their series where there were too
// many to keep them all while counting.
func (a *assessment) lateSeries() {
	d := a.report.Destinations
	if len(d) <= MaxSeries {
		return
	}
	for i := range d[:MaxSeries] {
		socks := a.snap.SocketsOf(d[i].Flow)
		a.tally.count(&a.counting, socks)
		a.series(&d[i], a.tally)
		a.tally.reset(socks)
	}
}
