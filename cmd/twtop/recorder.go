package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// What is kept from before a condition holds, at the most so many bytes of it.
const (
	keptBefore      = 5 * time.Minute
	keptBeforeBytes = 32 << 20
)

// recorder writes snapshots to a capture, from the first one on, or from when a
// condition holds.
type recorder struct {
	watch *watch
	file  *recordFile
	line  *progress
	every time.Duration
	last  time.Duration        // how long to record; 0: until somebody ends it
	on    *diagnosis.Condition // nil: from the beginning
	mask  *capture.Anonymizer  // nil: everything is recorded as it is

	writer   *capture.Writer
	ring     *capture.Ring // before and after the condition
	assessor diagnosis.Assessor
	began    time.Time // of the recording; zero: the condition does not hold yet
}

// record records until ctx ends, the time or the size is reached, or what reads
// the recording goes away: all of these are good ends.
func (r *recorder) record(ctx context.Context) error {
	for {
		s, err := r.watch.look(ctx)
		if err == nil {
			err = r.take(s)
		}
		if err == nil {
			err = r.watch.rest(ctx, r.end())
		}
		switch {
		case ctx.Err() != nil, errors.Is(err, errFull) && r.file.frames > 0, errors.Is(err, syscall.EPIPE):
			return nil
		case errors.Is(err, errFull):
			return fmt.Errorf("--max-size %s is less than one frame takes here: allow more", diagnosis.Bytes(r.file.limit))
		case err != nil:
			return err
		case !r.began.IsZero() && r.last > 0 && !time.Now().Before(r.end()):
			return nil
		}
	}
}

// end is when the recording ends by itself, the zero time where it does not.
func (r *recorder) end() time.Time {
	if r.last == 0 || r.began.IsZero() {
		return time.Time{}
	}
	return r.began.Add(r.last)
}

// take records a snapshot, or keeps it until the condition holds.
func (r *recorder) take(s *source.Snapshot) error {
	var report *diagnosis.Report
	if r.line.on() || r.waits() {
		report = r.assessor.Assess(s)
	}
	if r.mask != nil {
		var err error
		if s, err = r.mask.Snapshot(s); err != nil {
			return err
		}
	}
	err := r.put(s, report)
	r.show(report)
	return err
}

// waits reports whether the condition has yet to hold.
func (r *recorder) waits() bool { return r.on != nil && r.began.IsZero() }

func (r *recorder) put(s *source.Snapshot, report *diagnosis.Report) error {
	if r.on != nil {
		return r.putKept(s, report)
	}
	if r.writer == nil {
		w, err := capture.NewWriter(r.file, r.header(s))
		if err != nil {
			return err
		}
		r.writer, r.began = w, time.Now()
	}
	return r.writer.Write(s)
}

// putKept keeps a snapshot with those of the minutes before, and writes them all
// when the condition holds for the first time.
func (r *recorder) putKept(s *source.Snapshot, report *diagnosis.Report) error {
	if r.ring == nil {
		r.ring = capture.NewRing(keptBefore, keptBeforeBytes)
	}
	record, err := r.ring.Add(s)
	if err != nil {
		return err
	}
	if !r.waits() {
		_, err = r.file.Write(record)
		return err
	}
	if _, ok := r.on.Holds(report); !ok {
		return nil
	}
	r.began = time.Now()
	return r.ring.WriteTo(r.file, r.header(s))
}

// newHeader is what a recording of a host begins with.
func newHeader(h *source.Host, began time.Time, every time.Duration) capture.Header {
	return capture.Header{
		Tool: "twtop " + build().version, Began: began.UTC(), Interval: capture.Duration(every),
		Host: h.Name, Kernel: h.Kernel, NetNS: h.NetNS,
	}
}

func (r *recorder) header(s *source.Snapshot) capture.Header {
	h := newHeader(&s.Host, s.Taken, r.every)
	if r.mask != nil {
		h = r.mask.Header(h)
	}
	return h
}

// show tells a terminal how far it is.
func (r *recorder) show(report *diagnosis.Report) {
	if report == nil {
		return
	}
	pressure := "no outgoing connections"
	if len(report.Destinations) > 0 {
		d := &report.Destinations[0]
		pressure = fmt.Sprintf("pressure %.0f %%, %v", d.Ports.Pressure, d)
	}
	if r.waits() {
		r.line.show(fmt.Sprintf("waiting for %v: %s, %s kept", r.on, pressure, diagnosis.Bytes(int64(r.ring.Bytes()))))
		return
	}
	r.line.show(fmt.Sprintf("recording: %s, %s", r.summary(), pressure))
}

// summary is what has been recorded.
func (r *recorder) summary() string {
	return fmt.Sprintf("%s, %s", diagnosis.Plural(r.file.frames, "frame"), diagnosis.Bytes(r.file.written))
}
