package diagnosis

import (
	"math"
	"strings"
)

// sampling is what the bursts of the last minute saw of one destination.
type sampling struct {
	all           float64 // connections
	found         float64 // of those that some process had
	watched       float64 // of those that were had by processes that were watched
	opened        float64 // of those that were seen being opened
	rate, squares float64 // what these stand for, and the sum of the squares
}

func (l *ownerLook) sampling() (s sampling) {
	clock := l.snap.Clock
	for _, r := range l.place.records {
		n := r.sampled.sum(clock)
		if s.all += n; r.key.pid == 0 {
			continue
		}
		s.found += n
		if r.isWatched(clock) {
			s.watched += n
			s.opened += r.opened.sum(clock)
			s.rate += r.rate.sum(clock)
			s.squares += r.squares.sum(clock)
		}
	}
	return s
}

// isWatched reports whether the openings that were seen are all of that owner's:
// one that has hundreds of descriptors is not watched.
func (r *ownerRecord) isWatched(clock uint32) bool {
	return 2*r.watched.sum(clock) >= r.sampled.sum(clock)
}

// rests is the number of samples that the shares rest on: where they stand for
// different numbers of connections, those that stand for most count.
func (s *sampling) rests() float64 {
	if s.opened < enoughSamples {
		return s.found
	}
	return s.rate * s.rate / s.squares
}

// parts are the owners' of the connections that came and went between frames.
// What is missing to 1 are those that were seen, and nobody was found in time to
// see whose they were, and by how much the parts are in doubt with so few
// samples.
func (l *ownerLook) parts() map[*ownerRecord]float64 {
	p, clock, s := l.place, l.snap.Clock, l.sampling()
	of := map[*ownerRecord]float64{}
	for _, r := range p.records {
		n := r.sampled.sum(clock)
		switch {
		case n == 0 || r.key.pid == 0 && (p.found[r.key.maker] || !named(l.snap, r.key.maker)):
		case r.key.pid > 0 && s.opened >= enoughSamples && r.isWatched(clock):
			of[r] = s.watched / s.all * r.rate.sum(clock) / s.rate
		default: // as long as hardly any was seen being opened, all count alike
			of[r] = n / s.all
		}
	}
	for _, r := range p.records {
		if r.key.pid == 0 && p.found[r.key.maker] {
			l.giveToMakers(of, r.key.maker, r.sampled.sum(clock)/s.all)
		}
	}
	sure := 1 - doubt(of, s.rests())
	if s.opened < enoughSamples {
		sure *= 1 - lengthDoubt(of)
	}
	for r := range of {
		of[r] *= sure
	}
	return of
}

// doubt is how far parts may be off that rest on n samples: the standard error
// of the one that is most in doubt, and one sample that might have been of
// somebody else.
func doubt(of map[*ownerRecord]float64, n float64) float64 {
	if n <= 0 {
		return 1
	}
	most := 0.0
	for _, p := range of {
		most = max(most, math.Sqrt(max(p*(1-p), 0)/n))
	}
	return min(most+1/(n+1), 1)
}

// lengthDoubt is how far parts may be off where nobody knows how long the
// connections last: who keeps them ten times as long is seen ten times as often.
// Processes of one kind do not differ in that.
func lengthDoubt(of map[*ownerRecord]float64) float64 {
	kinds, all, most := map[kindOfOwner]float64{}, 0.0, 0.0
	for r, p := range of {
		k := kindOf(&r.process)
		kinds[k] += p
		all += p
		most = max(most, kinds[k])
	}
	if all == 0 {
		return 0
	}
	return min(2*(1-most/all), 1)
}

// giveToMakers gives a part that was seen in nobody's hands to the processes that
// have others of the same user and cgroup, where these are of one kind and the
// cgroup is a service's or a container's: it is theirs, or that of another
// process that is no different.
func (l *ownerLook) giveToMakers(of map[*ownerRecord]float64, m maker, part float64) {
	place := l.snap.Owners.PlaceOf(m.cgroup)
	if place.Container.ID == "" && !strings.HasSuffix(place.Unit, ".service") {
		return
	}
	var theirs []*ownerRecord
	sum := 0.0
	for _, r := range l.place.records {
		if r.key.pid == 0 || r.maker != m || of[r] == 0 {
			continue
		}
		if len(theirs) > 0 && kindOf(&r.process) != kindOf(&theirs[0].process) {
			return
		}
		theirs = append(theirs, r)
		sum += of[r]
	}
	for _, r := range theirs {
		of[r] += part * of[r] / sum
	}
}
