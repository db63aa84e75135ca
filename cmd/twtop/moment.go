package main

import (
	"errors"
	"fmt"
	"time"
)

// moment is a point of a recording: so long after its beginning, or a time of
// day, or a date and time. Times are UTC, as all that twtop writes, unless they
// say otherwise.
type moment struct {
	given  bool
	text   string
	offset time.Duration
	time   time.Time // zero: offset counts
	daily  bool      // time has no date
}

// The forms of a time, each with what it lacks.
var momentForms = []struct {
	layout string
	daily  bool
}{
	{time.RFC3339, false}, {"2006-01-02T15:04:05", false}, {"2006-01-02 15:04:05", false}, {"2006-01-02 15:04", false},
	{"15:04:05", true}, {"15:04", true},
}

func (m *moment) Set(s string) error {
	*m = moment{given: true, text: s}
	for _, f := range momentForms {
		if t, err := time.Parse(f.layout, s); err == nil {
			m.time, m.daily = t.UTC(), f.daily
			return nil
		}
	}
	var offset interval
	if err := offset.Set(s); err != nil || offset < 0 {
		return errors.New(`want 90s or 5m after the beginning, or a time (UTC) like 14:05:30 or "2026-11-21 14:05:30"`)
	}
	m.offset = time.Duration(offset)
	return nil
}

func (m *moment) String() string { return m.text }

// Type implements pflag.Value.
func (m *moment) Type() string { return "TIME" }

// in is the moment in a recording that began and ended then.
func (m *moment) in(began, ended time.Time) (time.Time, error) {
	began, ended = began.UTC(), ended.UTC()
	t := m.time
	switch {
	case t.IsZero():
		t = began.Add(m.offset)
	case m.daily:
		t = time.Date(began.Year(), began.Month(), began.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
		if t.Before(began.Truncate(time.Second)) {
			t = t.AddDate(0, 0, 1)
		}
	}
	if t.Before(began.Truncate(time.Second)) || t.After(ended) {
		const form = "2006-01-02 15:04:05"
		when := "before it begins"
		if t.After(ended) {
			when = "after it ends"
		}
		return t, fmt.Errorf("--at %s is %s: the capture is %v long, %s to %s UTC", m.text, when,
			ended.Sub(began).Round(100*time.Millisecond), began.Format(form), ended.Format(form))
	}
	if t.Before(began) { // by less than the second that a form can tell
		t = began
	}
	return t, nil
}
