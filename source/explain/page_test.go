package explain_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/explain"
)

// ids are those that diagnosis says a finding or a remedy may have.
var (
	findingIDs = []diagnosis.ID{
		diagnosis.PortExhaustion, diagnosis.PortPressure, diagnosis.SlowConnect, diagnosis.BindBeforeConnect,
		diagnosis.ServerClosesFirst, diagnosis.CloseWaitLeak, diagnosis.SynSentPileup, diagnosis.FinWait2Pileup,
		diagnosis.ListenOverflow, diagnosis.TimeWaitOverflow, diagnosis.ReuseWithoutTimestamps, diagnosis.TWRecycle,
		diagnosis.ConntrackFull, diagnosis.FDLimit, diagnosis.Orphans, diagnosis.IdleOutlivesNAT, diagnosis.CureNotAtWork,
	}
	remedyPages = []string{
		diagnosis.PageKeepalive, diagnosis.PageNginx, diagnosis.PagePython, diagnosis.PageNode, diagnosis.PageGo,
		diagnosis.PageJava, diagnosis.PagePHP, diagnosis.PageDatabasePools, diagnosis.PageRedis, diagnosis.PageHAProxy,
		diagnosis.PageEnvoy, diagnosis.PageAddresses, diagnosis.PageBindAddressNoPort, diagnosis.PageLoadBalancer,
		diagnosis.PageNoFile, diagnosis.PageConntrack, diagnosis.PageNATKeepalive,
	}
)

// declared returns the string constants that one file of package diagnosis
// declares, so that the lists above cannot fall behind.
func declared(t *testing.T, file, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "diagnosis", file))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

func TestEveryIDHasItsPage(t *testing.T) {
	var want []string
	for _, id := range findingIDs {
		want = append(want, string(id))
	}
	if all := declared(t, "finding.go", `(?m)^\t\w+ +ID += "([^"]+)"`); !slices.Equal(all, want) {
		t.Errorf("finding.go declares %q,\nand this test knows %q", all, want)
	}
	if all := declared(t, "pages.go", `(?m)^\tPage\w+ += "([^"]+)"`); !slices.Equal(all, remedyPages) {
		t.Errorf("pages.go declares %q,\nand this test knows %q", all, remedyPages)
	}
	var findings, cures []string
	for _, p := range explain.Pages() {
		if p.Finding {
			findings = append(findings, p.ID)
		} else {
			cures = append(cures, p.ID)
		}
	}
	if !slices.Equal(findings, want) {
		t.Errorf("pages of findings:\n%q, want\n%q", findings, want)
	}
	slices.Sort(cures)
	if sorted := slices.Sorted(slices.Values(remedyPages)); !slices.Equal(cures, sorted) {
		t.Errorf("pages of cures:\n%q, want\n%q", cures, sorted)
	}
}

func TestPagesFindingsFirst(t *testing.T) {
	pages := explain.Pages()
	if !slices.IsSortedFunc(pages, func(a, b explain.Page) int {
		return map[[2]bool]int{{true, false}: -1, {false, true}: 1}[[2]bool{a.Finding, b.Finding}]
	}) {
		t.Error("a cure stands before a finding")
	}
	pages[0].ID = "changed"
	if explain.Pages()[0].ID == "changed" {
		t.Error("the caller changes what others get")
	}
}

func TestEveryFileIsAPage(t *testing.T) {
	files, err := filepath.Glob("pages/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(explain.Pages()) {
		t.Errorf("%d files, %d pages", len(files), len(explain.Pages()))
	}
	for _, file := range files {
		if _, ok := explain.Lookup(strings.TrimSuffix(filepath.Base(file), ".md")); !ok {
			t.Errorf("%s is nobody's page", file)
		}
	}
	if _, ok := explain.Lookup("nonsense"); ok {
		t.Error("nonsense has a page")
	}
}

// A page is read at 80 columns, most of it without turning it.
func TestPagesFit(t *testing.T) {
	for _, p := range explain.Pages() {
		lines := p.Lines(80)
		if len(lines) > 60 {
			t.Errorf("%s has %d lines, more than 60", p.ID, len(lines))
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", p.ID, n, line)
			}
		}
		if n := utf8.RuneCountInString(p.Summary); n > 52 { // beside its id, in 80
			t.Errorf("%s: a summary of %d columns", p.ID, n)
		}
	}
}

// What is not plain would be shown as it stands, or take more than one cell.
func TestPagesArePlain(t *testing.T) {
	const more = "–×÷→−…µ"
	markup := regexp.MustCompile("`|\\*\\*|\\]\\(")
	for _, p := range explain.Pages() {
		for _, b := range append(p.Blocks, explain.Block{Text: p.Title}, explain.Block{Text: p.Summary}) {
			for _, r := range b.Text {
				if (r < ' ' || r > '~') && !strings.ContainsRune(more, r) {
					t.Errorf("%s: %q in %q", p.ID, r, b.Text)
				}
			}
			if b.Kind != explain.Code && markup.MatchString(b.Text) {
				t.Errorf("%s: markup in %q", p.ID, b.Text)
			}
		}
	}
}

// headings are what a finding's page has, in this order; a cure shows at least
// how to see whether it works.
var headings = []string{"How it is told", "What to do now", "The cure", "What does not help", "When it is something else", "In the kernel"}

func TestPagesHaveTheirParts(t *testing.T) {
	for _, p := range explain.Pages() {
		var have []string
		for _, b := range p.Blocks {
			if b.Kind == explain.Heading && b.Text != "For headroom" {
				have = append(have, b.Text)
			}
		}
		if p.Finding && !slices.Equal(have, headings) {
			t.Errorf("%s has the headings %q", p.ID, have)
		}
		if !p.Finding && !slices.Contains(have, "Traps") || !p.Finding && !slices.Contains(have, "See whether it works") {
			t.Errorf("%s has the headings %q", p.ID, have)
		}
		if p.Blocks[0].Kind != explain.Paragraph {
			t.Errorf("%s does not begin with what it means", p.ID)
		}
	}
}

// A page that names another one, as in "see keepalive", names one that exists.
func TestPagesReferToPages(t *testing.T) {
	see := regexp.MustCompile(`\b[Ss]ee ([a-z][a-z0-9-]+)((?:, [a-z][a-z0-9-]+)*)`)
	found := 0
	for _, p := range explain.Pages() {
		for _, b := range p.Blocks {
			for _, m := range see.FindAllStringSubmatch(b.Text, -1) {
				for _, id := range strings.Split(m[1]+m[2], ", ") {
					found++
					if _, ok := explain.Lookup(id); !ok && !slices.Contains([]string{"and", "how", "what", "where", "whether"}, id) {
						t.Errorf("%s: there is no page %q: %s", p.ID, id, b.Text)
					}
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d references were found", found)
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct{ asked, want string }{
		{"port-exaustion", "port-exhaustion"},
		{"exhaustion", "port-exhaustion"},
		{"PORT-EXHAUSTION", "port-exhaustion"},
		{"ngnix", "nginx"},
		{"golang", "go"},
		{"database", "database-pools"},
		{"pgbouncer", "database-pools"},
		{"gunicorn", "python"},
		{"EADDRNOTAVAIL", "port-exhaustion"},
	} {
		if got := explain.Near(c.asked); len(got) == 0 || got[0] != c.want {
			t.Errorf("Near(%q) = %q, want %q first", c.asked, got, c.want)
		}
	}
	for _, asked := range []string{"", "  ", "x", "zz", "qwertyuiop", strings.Repeat("port-", 100)} {
		if got := explain.Near(asked); len(got) > 0 {
			t.Errorf("Near(%q) = %q, want none", asked, got)
		}
	}
	if got := explain.Near("connections"); len(got) > 3 {
		t.Errorf("%q are more than three", got)
	}
}
