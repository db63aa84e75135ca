package tune

import (
	"testing"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// TestLimits holds what is read off a finding against what the rule writes.
func TestLimits(t *testing.T) {
	full := func(files, most uint64) *source.Snapshot {
		return &source.Snapshot{Kind: source.KindLive, Taken: time.Unix(1_800_000_000, 0), Processes: []source.Process{
			{PID: 287, Name: "other", User: "nobody"},
			{PID: 2872, Name: "nginx", User: "www-data", Files: &files, FilesMax: &most},
		}}
	}
	got := Limits(new(diagnosis.Assessor).Assess(full(1024, 1024)))
	if len(got) != 1 || got[0].User != "www-data" || got[0].NoFile != 65_536 {
		t.Errorf("%+v", got)
	}
	if got := Limits(new(diagnosis.Assessor).Assess(full(20, 1024))); got != nil {
		t.Errorf("far from the limit: %+v", got)
	}
	if got := Limits(new(diagnosis.Assessor).Assess(full(1<<20, 1<<20))); len(got) != 0 {
		t.Errorf("no limit is higher than fs.nr_open: %+v", got)
	}
}

func TestWhoseLimit(t *testing.T) {
	in := func(unit, container string) source.Place {
		return source.Place{Unit: unit, Container: source.Container{ID: container}}
	}
	for _, c := range []struct {
		p          source.Process
		unit, user string
	}{
		{source.Process{User: "www-data", Place: in("nginx.service", "")}, "nginx.service", ""},
		{source.Process{User: "alice", Place: in("session-3.scope", "")}, "", "alice"},
		{source.Process{User: "alice"}, "", "alice"},
		{source.Process{User: "node", Place: in("docker-ab.scope", "ab")}, "", ""},
		{source.Process{User: "DOMAIN\\al ice\n* - nofile 1"}, "", ""},
		{source.Process{User: "www-data", Place: in("a b\n[Service].service", "")}, "", ""},
		{source.Process{}, "", ""},
	} {
		if l := limitOf(&c.p, 65536); l.Unit != c.unit || l.User != c.user || l.NoFile != 65536 {
			t.Errorf("%+v: %+v", c.p, l)
		}
	}
}
