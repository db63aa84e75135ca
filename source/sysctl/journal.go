package sysctl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Entry is one apply, written down before anything else is.
type Entry struct {
	ID    string
	At    time.Time
	Place Place
	Who   Who
	// Changes are in the order of writing. What is undone, or somebody else's
	// by now, is not in it any more.
	Changes []Change
	// Lines are what it put into the file in /etc/sysctl.d.
	Lines []Line `json:",omitempty"`
}

// Change is one key that an apply sets.
type Change struct {
	Key, From, To string
	// Written: it was read back from the kernel as To. Otherwise twtop ended
	// in between, and only the kernel knows.
	Written bool
	// Held: an undo left it, since somebody else has set the range; it can be
	// undone once the range is back.
	Held bool `json:",omitempty"`
}

// Line is one line of the file in /etc/sysctl.d; Had is the value that the line
// for this key had before, "" where there was none.
type Line struct{ Key, Value, Had string }

// open: there is something left to undo.
func (e *Entry) open() bool { return len(e.Changes)+len(e.Lines) > 0 }

const (
	journalSchema = "twtop.journal/1"
	// maxJournal and maxEntries bound the journal: an entry takes 20 KiB at the
	// most, four lists of ports.
	maxJournal = 8 << 20
	maxEntries = 256
)

type journalShape struct {
	Schema  string
	Entries []Entry // oldest first
}

// parseJournal reads a journal. What is in it goes to the kernel by root, so
// that nothing is taken which an apply would not have written.
func parseJournal(r io.Reader) ([]Entry, error) {
	var j journalShape
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the end")
	}
	if j.Schema != journalSchema {
		return nil, fmt.Errorf("it is %q, this twtop reads %s", source.Clean(j.Schema, 40), journalSchema)
	}
	if len(j.Entries) > maxEntries {
		return nil, fmt.Errorf("it has %d entries, more than %d", len(j.Entries), maxEntries)
	}
	ids := map[string]bool{}
	for i := range j.Entries {
		e := &j.Entries[i]
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if ids[e.ID] {
			return nil, fmt.Errorf("entry %d: there are two with the id %s", i+1, e.ID)
		}
		ids[e.ID] = true
	}
	return j.Entries, nil
}

// maxWord bounds names of users, namespaces and ids.
const maxWord = 256

// check takes only what an apply writes down.
func (e *Entry) check() error {
	for _, word := range []string{e.ID, e.Place.BootID, e.Place.NetNS, e.Who.User, e.Who.Sudo} {
		if source.Clean(word, maxWord) != word {
			return fmt.Errorf("%q is no name", source.Clean(word, 40))
		}
	}
	if e.ID == "" || e.At.IsZero() || !e.Place.known() {
		return errors.New("its id, its time or its namespace is missing")
	}
	seen := map[string]bool{}
	for i := range e.Changes {
		c := &e.Changes[i]
		if seen[c.Key] {
			return fmt.Errorf("%s is there twice", c.Key)
		}
		seen[c.Key] = true
		if err := c.check(); err != nil {
			return err
		}
	}
	return checkLines(e.Lines)
}

func (c *Change) check() error {
	to, err := Check(c.Key, c.To)
	if err != nil {
		return err
	}
	from, err := Check(c.Key, c.From)
	if k, _ := Lookup(c.Key); k.OneWay != "" {
		from = k.canonical(source.Clean(c.From, maxWord))
		err = nil
	}
	if err == nil && (from != c.From || to != c.To) {
		err = fmt.Errorf("%s: %q or %q is not as twtop writes it", c.Key, source.Clean(c.From, 40), source.Clean(c.To, 40))
	}
	return err
}

func checkLines(lines []Line) error {
	seen := map[string]bool{}
	for _, l := range lines {
		if seen[l.Key] {
			return fmt.Errorf("the line of %s is there twice", l.Key)
		}
		seen[l.Key] = true
		value, err := Check(l.Key, l.Value)
		had, errHad := Check(l.Key, l.Had)
		if l.Had == "" {
			had, errHad = "", nil
		}
		if err := errors.Join(err, errHad); err != nil {
			return err
		}
		if value != l.Value || had != l.Had {
			return fmt.Errorf("the line of %s is not as twtop writes it", l.Key)
		}
	}
	return nil
}

func encodeJournal(entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if entries == nil {
		entries = []Entry{}
	}
	err := e.Encode(journalShape{journalSchema, entries})
	if err == nil && b.Len() > maxJournal {
		err = fmt.Errorf("the journal is longer than %d bytes", maxJournal)
	}
	return b.Bytes(), err
}

// entries reads the journal; a missing one has none.
func (s *State) entries() ([]Entry, error) {
	b, err := s.read(journalFile, maxJournal)
	if err != nil || b == nil {
		return nil, err
	}
	entries, err := parseJournal(bytes.NewReader(b))
	if err != nil {
		return nil, s.wrap(fmt.Errorf("%s is damaged: %w; nothing of it is put back: see %s for what was set, and move %[1]s away", journalFile, err, auditFile))
	}
	return entries, nil
}

// save writes the journal, and returns once it is on the disk.
func (s *State) save(entries []Entry) error {
	b, err := encodeJournal(entries)
	if err != nil {
		return s.wrap(err)
	}
	return s.replace(journalFile, b)
}
