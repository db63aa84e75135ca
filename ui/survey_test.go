package ui

import (
	"slices"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// slowReel takes a while for each frame, by the test's clock.
type slowReel struct {
	*reel
	took func()
}

func (s slowReel) Frame(i int) (*source.Snapshot, error) {
	s.took()
	return s.reel.Frame(i)
}

// TestSurveyRests as long as it worked.
func TestSurveyRests(t *testing.T) {
	for each, want := range map[time.Duration]time.Duration{0: surveyWork, 3 * time.Second: 3 * time.Second, 40 * time.Millisecond: 80 * time.Millisecond} {
		var x *replayed
		cost := time.Duration(0)
		r := record(growing(), 5)
		r.over = false
		x = driveReplay(t, r, 120, 40, func(o *Options) {
			o.Replay.Survey = slowReel{r, func() {
				if x != nil {
					x.clock = x.clock.Add(cost)
				}
			}}
		})
		r.snaps = append(r.snaps, record(growing(), 10).snaps...)
		cost, x.waits = each, nil
		x.send(restedMsg{})
		if !slices.Equal(x.waits, []time.Duration{want}) {
			t.Errorf("%v for a frame: rests %v, want %v", each, x.waits, want)
		}
	}
}

// TestSurveyForgets what a stream does not keep any more.
func TestSurveyForgets(t *testing.T) {
	p := growing()
	r := record(p, 80)
	r.over = false
	x := driveReplay(t, r, 120, 40, func(o *Options) { o.Replay.Paused = true })
	x.send(restedMsg{})
	for _, c := range []struct{ first, grow int }{{30, 1}, {75, 30}, {200, 120}} {
		r.first = c.first
		r.snaps = append(r.snaps, record(p, c.grow).snaps...)
		x.send(restedMsg{})
		l, kept := &x.player.line, len(r.snaps)-c.first
		if l.first != c.first || len(l.moments) != kept || l.surveyed() != kept {
			t.Errorf("from %d on: the timeline has %d frames from %d on, want %d", c.first, len(l.moments), l.first, kept)
		}
		if s := &x.survey.line; s.First() != c.first || len(s.Moments()) != kept {
			t.Errorf("from %d on: the survey keeps %d frames from %d on", c.first, len(s.Moments()), s.First())
		}
		for _, s := range l.spans {
			if !s.Open && s.To < c.first {
				t.Errorf("from %d on: it keeps %+v", c.first, s)
			}
		}
	}
}

// TestSurveyTellsWhatIsMissing: where not all is marked, and what is not looked
// through yet.
func TestSurveyTellsWhatIsMissing(t *testing.T) {
	x := driveReplay(t, record(growing(), 60), 160, 40, func(o *Options) { o.Replay.At, o.Replay.Paused = 59, true })
	x.wantNoText("not all findings are marked", "looked through")
	x.send(foundMsg{first: 60, more: true})
	x.wantText("not all findings are marked")
	x.press("]")
	x.wantText("no mark after this: not all findings are marked")
	x.send(foundMsg{moments: make([]diagnosis.Moment, 27)})
	x.wantText("45 % looked through")
}
