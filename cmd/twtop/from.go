package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/textdump"
)

// recording is what --from names: a capture, or the one moment of a text.
type recording struct {
	name    string
	title   string          // of a built-in incident
	capture *capture.Reader // nil: a text
	text    *source.Snapshot
	file    io.Closer // nil: standard input
	survey  io.Closer // what a replay looks through the capture with, nil without
}

// openRecording opens a file or a built-in incident, or standard input by the
// name "-", to its end. A pipe may keep it waiting until ctx ends.
func openRecording(ctx context.Context, name string, stdin *os.File) (*recording, error) {
	r, err := beginRecording(ctx, name, stdin)
	if err == nil {
		err = r.await(ctx)
	}
	return r, err
}

// beginRecording is openRecording without the end: of what comes through a pipe
// there may be no frame yet. What it is, its first bytes tell.
func beginRecording(ctx context.Context, name string, stdin *os.File) (*recording, error) {
	r := &recording{name: name}
	err := interruptible(ctx, func() error {
		if c, ok := builtIn(name); ok {
			r.title = c.Title
			return r.openBuiltIn(name)
		}
		f := stdin
		if name == "-" {
			r.name = "standard input"
		} else {
			var err error
			if f, err = openFile(name); err != nil {
				return err
			}
			r.file = f
		}
		err := r.open(ctx, f)
		if err != nil {
			_ = r.Close()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%s: there is no such file, and no built-in incident of that name%s", name, builtInWords())
	}
	return f, err
}

// interruptible runs do, which may block for ever, and leaves it alone once ctx
// has ended.
func interruptible(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if bug := source.Panicked(recover()); bug != nil {
				done <- bug
			}
		}()
		done <- do()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *recording) open(ctx context.Context, f *os.File) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory: name a capture, or a text that ss or netstat wrote", r.name)
	case r.file == nil && term.IsTerminal(f.Fd()):
		fmt.Fprintln(os.Stderr, "twtop: paste what ss or netstat wrote, and end with Ctrl-D at the beginning of a line")
	}
	in := bufio.NewReaderSize(f, 64<<10)
	head, err := in.Peek(len(capture.Magic))
	if err != nil && err != io.EOF {
		return r.wrong(err)
	}
	if how := packed(head); how != "" {
		return r.wrong(fmt.Errorf("this is compressed: unpack it first, `%s FILE | twtop snapshot --from -`", how))
	}
	if !bytes.HasPrefix(head, []byte(capture.Magic[:6])) {
		return r.readText(in, info)
	}
	if string(head) != capture.Magic {
		return r.wrong(errors.New("this is a capture whose line ends were changed on the way: transfer it as it is, in binary mode"))
	}
	return r.readCapture(ctx, f, in, info)
}

// wrong puts the recording's name before what is wrong with it.
func (r *recording) wrong(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// packed is the command that unpacks what begins so, "" if it is not compressed.
func packed(head []byte) string {
	for magic, command := range map[string]string{
		"\x1f\x8b": "gzip -dc", "\x28\xb5\x2f\xfd": "zstd -dc", "\xfd7zXZ": "xz -dc", "BZh": "bzip2 -dc", "PK\x03\x04": "unzip -p",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return command
		}
	}
	return ""
}

// readText takes a file's time for when the text was made.
func (r *recording) readText(in io.Reader, info os.FileInfo) error {
	made := time.Now()
	if info.Mode().IsRegular() {
		made = info.ModTime()
	}
	s, err := textdump.Parse(in, textdump.Config{Name: r.name, Now: made})
	r.text = s
	return err
}

// keepStream bounds what is kept of a capture that comes through a pipe, in bytes.
const keepStream = 256 << 20

// readCapture opens a capture, or the beginning of one that comes through a pipe.
func (r *recording) readCapture(ctx context.Context, f *os.File, in io.Reader, info os.FileInfo) (err error) {
	if info.Mode().IsRegular() {
		r.capture, err = capture.Open(f)
	} else {
		r.capture, err = capture.Follow(ctx, in, keepStream)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		return r.wrong(err)
	}
	return r.hasFrame()
}

// await waits for the end of what comes through a pipe.
func (r *recording) await(ctx context.Context) error {
	if r.capture == nil {
		return nil
	}
	for !r.capture.Ended() {
		if err := r.capture.Wait(ctx, r.capture.Len()); err != nil && err != io.EOF {
			_ = r.Close()
			return err
		}
	}
	return r.hasFrame()
}

// hasFrame is an error where there is no frame, and none will come.
func (r *recording) hasFrame() error {
	if r.capture.Ended() && r.capture.Len() == 0 {
		return r.wrong(fmt.Errorf("the capture has no frame%s: record another", because(r.capture.Note())))
	}
	return nil
}

func because(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

// Close frees what the recording holds.
func (r *recording) Close() error {
	var errs []error
	if r.survey != nil {
		errs = append(errs, r.survey.Close())
	}
	if r.capture != nil {
		errs = append(errs, r.capture.Close())
	}
	if r.file != nil {
		errs = append(errs, r.file.Close())
	}
	return errors.Join(errs...)
}

// report assesses the recording as of a moment, the last one by default.
func (r *recording) report(ctx context.Context, at moment) (*diagnosis.Report, error) {
	if r.capture == nil {
		if at.given {
			return nil, usagef("--at %v: %s is a text, and holds one moment", &at, r.name)
		}
		return new(diagnosis.Assessor).Assess(r.text), nil
	}
	frame, err := r.frameAt(at)
	if err != nil {
		return nil, err
	}
	report, _, err := diagnosis.NewDeck(r.capture).Report(ctx, frame)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w; --at chooses another moment", r.wrong(err))
	}
	return r.annotate(report), nil
}

// frameAt is the frame of a moment.
func (r *recording) frameAt(at moment) (int, error) {
	c := r.capture
	last := c.Len() - 1
	if !at.given {
		return last, nil
	}
	if c.First() > 0 {
		return 0, r.wrong(errors.New("it is too long to be kept from a pipe: write it to a file to use --at"))
	}
	t, err := at.in(c.Taken(0), c.Taken(last))
	if err != nil {
		return 0, err
	}
	return c.At(t), nil
}

// annotate says what of the capture is not there.
func (r *recording) annotate(report *diagnosis.Report) *diagnosis.Report {
	if note := r.capture.Note(); note != "" {
		report.Gaps = append(slices.Clone(report.Gaps), "the capture is not complete: "+note)
	}
	return report
}
