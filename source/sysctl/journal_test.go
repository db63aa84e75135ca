package sysctl

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sampleEntries() []Entry {
	return []Entry{
		{ID: "20261125T010203.000", At: time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC),
			Place: Place{BootID: "b", Cookie: 1 << 63, NetNS: "net:[4026531840]", First: true}, Who: Who{"root", "alice"},
			Changes: []Change{
				{LocalReservedPorts, "", "1-3,5", true, false}, {TWRecycle, "1", "0", true, false},
				{TWReuse, "2", "1", false, false}, {LocalPortRange, "32768 60999", "10240 65535", true, false}},
			Lines: []Line{{TWReuse, "1", ""}, {LocalPortRange, "10240 65535", "20000 65535"}}},
		{ID: "20261125T010204.000", At: time.Date(2026, 11, 25, 1, 2, 4, 5, time.UTC),
			Place: Place{BootID: "b", Cookie: 2}, Changes: []Change{{"fs.file-max", "9223372036854775806", "9223372036854775807", true, false}}},
	}
}

func TestJournalRoundTrip(t *testing.T) {
	for _, entries := range [][]Entry{{}, sampleEntries()} {
		b, err := encodeJournal(entries)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseJournal(bytes.NewReader(b))
		if err != nil || !reflect.DeepEqual(got, entries) {
			t.Errorf("%v\n%+v\n%+v", err, got, entries)
		}
	}
}

func TestJournalIsBounded(t *testing.T) {
	entries := make([]Entry, maxEntries+1)
	for i := range entries {
		entries[i] = sampleEntries()[0]
		entries[i].ID = time.Unix(int64(i), 0).String()
	}
	b, err := encodeJournal(entries)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseJournal(bytes.NewReader(b)); err == nil {
		t.Error("too many entries were taken")
	}
}

// FuzzJournal: whatever a journal holds that is taken, it is what an apply may
// write, and it stays the same when it is written again.
func FuzzJournal(f *testing.F) {
	b, err := encodeJournal(sampleEntries())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)/2])
	f.Add([]byte(`{"Schema":"twtop.journal/1","Entries":null}`))
	f.Add([]byte(`{"Schema":"twtop.journal/1","Entries":[{}]}`))
	f.Add([]byte(strings.Replace(string(b), TWReuse, FinTimeout, 1)))
	f.Add([]byte(strings.Replace(string(b), `"2"`, `"-2"`, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseJournal(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, e := range entries {
			for _, c := range e.Changes {
				if v, err := Check(c.Key, c.To); err != nil || v != c.To {
					t.Errorf("%+v: %v", c, err)
				}
				if k, _ := Lookup(c.Key); k.OneWay == "" {
					if v, err := Check(c.Key, c.From); err != nil || v != c.From {
						t.Errorf("%+v: %v", c, err)
					}
				}
			}
		}
		again, err := encodeJournal(entries)
		if err != nil {
			return // longer than it may be
		}
		got, err := parseJournal(bytes.NewReader(again))
		if err != nil || len(got) != len(entries) {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}
