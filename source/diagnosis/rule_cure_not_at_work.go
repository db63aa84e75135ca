package diagnosis

import (
	"fmt"
	"time"
)

// cureNotAtWorkRule tells cure-not-at-work: connections to a destination are
// kept open, and still so many are closed that those cannot have been them.
type cureNotAtWorkRule struct {
	kept map[place]*keptConnections
}

// What closes must come to before it is worth a word: so many a second, or so
// many percent of the ports held by them.
const (
	manyCloses  = 20
	heldPercent = 5
)

func (c *cureNotAtWorkRule) look(s *scene) []Finding {
	var found []Finding
	var still map[place]*keptConnections
	for i := range s.Destinations[:min(len(s.Destinations), MaxSeries)] {
		d := &s.Destinations[i]
		if d.established() < minKept || len(still) == maxSubjects {
			continue
		}
		rate := d.closesOnAndOn()
		if !d.wasteful(rate) {
			continue
		}
		at := placeOf(&s.Snapshot.Flows[d.Flow])
		k := c.kept[at]
		if k == nil {
			k = new(keptConnections)
		}
		if still == nil {
			still = make(map[place]*keptConnections)
		}
		still[at] = k
		if p := k.look(s.Snapshot, d.Flow, d.established()); p.idlesWhile(rate) {
			found = append(found, cureFinding(d, i, &p, rate))
		}
	}
	c.kept = still
	return found
}

// wasteful reports whether so many closes a second are worth a word.
func (d *Destination) wasteful(rate float64) bool {
	return rate >= 1 && (rate >= manyCloses || rate*timeWaitSeconds*100 >= heldPercent*float64(d.Ports.Capacity))
}

// closesOnAndOn is how many connections a second this side closes, 0 where it
// does not do so steadily: a pool that is emptied at once is no client that
// opens a connection per request. Where no port is left, that is how it was
// before.
func (d *Destination) closesOnAndOn() float64 {
	const window, most = 8, 3 // seconds; seconds without a close
	if d.Closes == nil {
		return 0
	}
	end := SeriesLen
	for d.exhausted() && end > window && d.Closes[end-1] == 0 {
		end--
	}
	sum, peak, none := uint32(0), uint32(0), 0
	for _, n := range d.Closes[end-window : end] {
		sum, peak = sum+n, max(peak, n)
		if n == 0 {
			none++
		}
	}
	if none > most || 2*peak > sum {
		return 0
	}
	return float64(sum) / window
}

func cureFinding(d *Destination, i int, p *pool, rate float64) Finding {
	f := Finding{
		ID: CureNotAtWork, Severity: SeverityNotice, Confidence: Possible,
		Subject: d.String(), Destination: i, Service: -1,
		Claim: fmt.Sprintf("%s to %v are kept open, and still %s are closed after use, a port each", Plural(p.n, "connection"), d, perSecond(rate)),
		Evidence: []string{
			fmt.Sprintf("%s kept, for %s in the median; if they were the ones that are closed, it would be %.1f s.",
				Plural(p.n, "connection"), inAbout(p.median.Round(time.Second)), float64(p.n)/rate),
			fmt.Sprintf("%s come to %s in TIME-WAIT, of %s.", perSecond(rate), Plural(int(rate*timeWaitSeconds), "port"), Grouped(d.Ports.Capacity)),
		},
		Remedies: cureCauses(d.poolPage()),
	}
	if p.answered {
		f.Confidence = Likely
	}
	return f
}

// cureCauses are the three ways in which a pool is there and does not help.
func cureCauses(page string) []Remedy {
	return []Remedy{
		{Kind: RemedyApplication, Page: page,
			Text:   "find the client that opens a connection per request",
			Effect: "one of them keeps its connections, another one may not, or makes a new pool each time"},
		{Kind: RemedyApplication, Page: page,
			Text:   "make the pool as large as the requests at once",
			Effect: "what does not fit into it is closed after use (Go keeps 2 per host, nginx what keepalive says)"},
		{Kind: RemedyApplication, Page: page,
			Text:   "see whether the far end answers \"Connection: close\"",
			Effect: "some servers close each response, gunicorn's sync workers among them: no pool helps then"},
	}
}
