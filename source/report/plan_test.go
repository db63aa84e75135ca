package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// samplePlan has a key of every sort: to be set, long, unknown, refused, and
// one that stays.
func samplePlan() (*diagnosis.Report, *sysctl.Plan) {
	r := &diagnosis.Report{Snapshot: incident().Snapshot, Headline: diagnosis.Headline{
		Severity: diagnosis.SeverityCritical, Text: "127.0.0.1 → 127.0.0.1:4001 has no local port left: connect() fails now (errno 99)"}}
	enough := true
	f := sysctl.Facts{
		Values: map[string]string{sysctl.LocalPortRange: "32768 60999", sysctl.LocalReservedPorts: "", sysctl.TWReuse: "0",
			sysctl.Timestamps: "0", sysctl.FinTimeout: "60", "fs.file-max": "1000"},
		Needs: []sysctl.Need{
			{Key: sysctl.TWReuse, Value: "1", Finding: "port-exhaustion", Effect: "28,118/s are borne", Enough: &enough},
			{Key: "fs.file-max", Value: "2000000", Finding: "fd-limit"},
		},
		Kernel: "6.18.44", Root: true, Inside: true,
	}
	f.Holders.Listening.Add(11211)
	f.Holders.Names = map[uint16]string{11211: "mem\x1b[31mcached"}
	p := sysctl.NewPlan(f)
	p.Limits = []sysctl.Limit{{Unit: "nginx.service", NoFile: 65536}, {User: "alice", NoFile: 4096}, {NoFile: 1024}}
	return r, &p
}

func planText(t *testing.T, r *diagnosis.Report, p *sysctl.Plan, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := PlanText(&b, r, p, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPlanGolden(t *testing.T) {
	r, p := samplePlan()
	golden.RequireEqual(t, []byte(planText(t, r, p, Width)))
}

func TestPlanOfACalmHost(t *testing.T) {
	r := &diagnosis.Report{Snapshot: incident().Snapshot}
	p := sysctl.NewPlan(sysctl.Facts{Values: map[string]string{sysctl.TWReuse: "2", sysctl.Timestamps: "1"}})
	text := planText(t, r, &p, Width)
	for _, want := range []string{"OK: nothing asks for a change.", "only root may write sysctls:\n  sudo twtop sysctl apply --yes\n", "[ ] net.ipv4.tcp_tw_reuse", "No change is ticked."} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

// TestPlanFits also where values and names are longer than a line.
func TestPlanFits(t *testing.T) {
	r, p := samplePlan()
	i := p.Item(sysctl.LocalReservedPorts)
	i.Now = strings.Repeat("10000-10001,", 300)
	i.Warnings = []string{strings.Repeat("漢字", 200), "a\x1b]0;b\x07\nc"}
	r.Headline.Text = strings.Repeat("far ", 90)
	for _, width := range []int{60, 80, 81, 132} {
		text := planText(t, r, p, width)
		if strings.ContainsRune(text, '\x1b') {
			t.Error("an escape sequence")
		}
		for line := range strings.Lines(text) {
			if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("%d cells in a line for %d: %s", w, width, line)
			}
		}
	}
}

func TestPlanJSON(t *testing.T) {
	r, p := samplePlan()
	var b bytes.Buffer
	if err := PlanJSON(&b, r, p); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  string
		Refused *string
		Persist *string `json:"persist_refused"`
		Items   []struct {
			Key, Recommended, Why, Risk string
			Value, Refused, Finding     *string
			Ticked, Changes             bool
			Enough                      *bool
			Warnings                    []string
		}
		Limits []struct {
			Unit, User *string
			NoFile     uint64
		}
		Notes []string
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if got.Schema != "twtop.plan/1" || got.Refused != nil || got.Persist == nil || len(got.Limits) != 3 || len(got.Notes) == 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Items) != len(p.Items) {
		t.Fatalf("%d items of %d", len(got.Items), len(p.Items))
	}
	for i, item := range got.Items {
		want := &p.Items[i]
		if item.Key != want.Key.Name || item.Ticked != want.Ticked || item.Changes != want.Changes() || item.Recommended != want.Want ||
			(item.Value != nil) != want.Known || (item.Refused != nil) != (want.Refused != "") || item.Why == "" || item.Risk == "" || item.Warnings == nil {
			t.Errorf("%+v of %+v", item, want)
		}
	}
	if bytes.ContainsRune(b.Bytes(), '\x1b') {
		t.Error("an escape sequence")
	}
}

// TestSysctlAdvice: the JSON of a snapshot says what the plan says.
func TestSysctlAdvice(t *testing.T) {
	_, p := samplePlan()
	s := incident().Snapshot
	s.Sysctls = map[string]string{sysctl.TWReuse: "0", sysctl.FinTimeout: "60"}
	for _, c := range []struct{ key, want string }{
		{sysctl.TWReuse, "1"}, {sysctl.FinTimeout, "60"}, {sysctl.LocalPortRange, "10240 65535"}, {sysctl.TWReuseDelay, ""},
	} {
		k, _ := sysctl.Lookup(c.key)
		got := shapeSysctl(&k, s, p)
		switch {
		case c.want == "" && got.Recommended != nil, c.want != "" && (got.Recommended == nil || *got.Recommended != c.want):
			t.Errorf("%s: recommended %v, want %q", c.key, got.Recommended, c.want)
		case got.Why == nil || got.Risk == nil:
			t.Errorf("%s: why %v, risk %v", c.key, got.Why, got.Risk)
		}
	}
}

func TestUndoGolden(t *testing.T) {
	u := &sysctl.UndoPlan{ID: "x", At: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC), Who: sysctl.Who{User: "root", Sudo: "alice"}, More: 2,
		Items: []sysctl.UndoItem{
			{Key: sysctl.LocalPortRange, Now: "10240 65535", To: "32768 60999"},
			{Key: sysctl.TWReuse, Now: "2", To: "0", Refused: `somebody else set it to "2" since, twtop had set it to "1": "2" stays`},
			{Key: sysctl.LocalReservedPorts, Now: "11211", To: "", Unsure: true},
		},
		Lines: []sysctl.UndoItem{{Key: sysctl.TWReuse, Now: "1"}, {Key: sysctl.Timestamps, Now: "1", To: "0"}},
		Stale: make([]sysctl.Entry, 3),
	}
	var b bytes.Buffer
	if err := UndoText(&b, u, "/etc/sysctl.d/60-twtop.conf", Width); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, b.Bytes())
}

func TestResultGolden(t *testing.T) {
	res := &sysctl.Result{Warnings: []string{"the audit log: no space left"}}
	for _, o := range []sysctl.Outcome{sysctl.OutcomeSet, sysctl.OutcomePutBack, sysctl.OutcomeUnchanged, sysctl.OutcomeTaken, sysctl.OutcomeKept, sysctl.OutcomeFailed} {
		note := ""
		if o != sysctl.OutcomeSet && o != sysctl.OutcomePutBack {
			note = "why it is " + string(o) + ", in words that take more than one line of the terminal"
		}
		res.Done = append(res.Done, sysctl.Done{Key: sysctl.TWReuse, From: "0", To: "1", Outcome: o, Note: note})
	}
	res.Done = append(res.Done, sysctl.Done{Key: sysctl.TWReuse, To: "1", File: true, Outcome: sysctl.OutcomeSet},
		sysctl.Done{Key: sysctl.TWReuse, From: "1", File: true, Outcome: sysctl.OutcomePutBack})
	var b bytes.Buffer
	if err := ResultText(&b, res, Width); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, b.Bytes())
}

// TestChangesTellFailures of who reads.
func TestChangesTellFailures(t *testing.T) {
	full := errors.New("full")
	r, p := samplePlan()
	errs := []error{
		PlanText(failing{full}, r, p, Width), PlanJSON(failing{full}, r, p),
		UndoText(failing{full}, &sysctl.UndoPlan{}, "", Width), ResultText(failing{full}, &sysctl.Result{Warnings: []string{"x"}}, Width),
	}
	if slices.ContainsFunc(errs, func(err error) bool { return !errors.Is(err, full) }) {
		t.Error(errs)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
