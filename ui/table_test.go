package ui

import (
	"strings"
	"testing"
)

// At every width the columns lie side by side without touching, and the most
// important ones are there.
func TestColumnsFitEveryWidth(t *testing.T) {
	for w := 1; w <= 240; w++ {
		for _, six := range []bool{false, true} {
			checkFit(t, fit(destColumns, w, six), destColumns, w)
			checkFit(t, fit(serviceColumns, w, six), serviceColumns, w)
			checkFit(t, fit(socketColumns, w, six), socketColumns, w)
			checkFit(t, fit(sysctlColumns, w, six), sysctlColumns, w)
		}
	}
}

func checkFit[R any](t *testing.T, chosen []fitted, columns []column[R], w int) {
	t.Helper()
	if len(chosen) == 0 {
		t.Fatalf("no column at %d cells", w)
	}
	end, worst := markerWidth-1, 0
	for _, f := range chosen {
		if f.x <= end {
			t.Fatalf("at %d cells %s starts at %d, after %d", w, columns[f.column].title, f.x, end)
		}
		end = f.x + f.w
		worst = max(worst, columns[f.column].priority)
	}
	if end > w && w > markerWidth {
		t.Fatalf("at %d cells the columns end at %d", w, end)
	}
	shown := map[int]bool{}
	for _, f := range chosen {
		shown[f.column] = true
	}
	for i, c := range columns {
		if c.priority < worst && !shown[i] {
			t.Fatalf("at %d cells %s is left out, though less important ones are there", w, c.title)
		}
	}
}

func titles(w int, six bool) string {
	var out []string
	for _, f := range fit(destColumns, w, six) {
		out = append(out, destColumns[f.column].title)
	}
	return strings.Join(out, " ")
}

func TestColumnsAtTheUsualWidths(t *testing.T) {
	for w, want := range map[int]string{
		40:  "TO FREE PRESSURE",
		80:  "TO FROM USED TIME-WAIT ESTAB FREE PRESSURE",
		120: "TO FROM USED TIME-WAIT ESTAB FREE PRESSURE CLOSES/s OWNER LAST 60 s",
		200: "TO FROM USED TIME-WAIT ESTAB SYN-SENT CLOSE-WAIT REUSABLE FREE PRESSURE CLOSES/s OWNER LAST 60 s COMES BACK",
	} {
		if got := titles(w, false); got != want {
			t.Errorf("%d cells: %s, want %s", w, got, want)
		}
	}
}

// byRank sorts as the obvious way does, and keeps the order of equal rows.
func TestSortedIsStable(t *testing.T) {
	rows := make([]int, 1000)
	for i := range rows {
		rows[i] = (i * 7919) % 13
	}
	columns := []column[int]{{rank: func(r *int) int64 { return int64(*r) }}, {compare: func(a, b *int) int { return *a - *b }}, {natural: true}}
	odd := func(r *int) bool { return *r%2 == 1 }
	for c := range columns {
		order := sorted(rows, odd, columns, sorting{column: c})
		reversed := sorted(rows, odd, columns, sorting{column: c, reverse: true})
		for i, row := range order {
			if rows[row]%2 == 0 {
				t.Fatal("a row that the filter does not take")
			}
			if reversed[len(order)-1-i] != row {
				t.Fatal("reversed is not the reverse")
			}
			if i == 0 {
				continue
			}
			before := order[i-1]
			d := rows[before] - rows[row]
			if c == 0 && d < 0 || c == 1 && d > 0 || (d == 0 || c == 2) && before > row {
				t.Fatalf("column %d: row %d (%d) before %d (%d)", c, before, rows[before], row, rows[row])
			}
		}
	}
}

func TestListStaysInBounds(t *testing.T) {
	l := list{n: 10, height: 4}
	l.moveTo(99)
	if l.cursor != 9 || l.offset != 6 {
		t.Errorf("%+v", l)
	}
	l.follow(2) // the row went up: it keeps its height of the screen if it can
	if l.cursor != 2 || l.offset != 0 {
		t.Errorf("%+v", l)
	}
	l.n = 0
	l.moveTo(3)
	if l.cursor != 0 || l.offset != 0 {
		t.Errorf("%+v", l)
	}
	l = list{n: 10, height: 4}
	l.scroll(3)
	if l.cursor != 3 || l.offset != 3 {
		t.Errorf("%+v", l)
	}
	l.resize(0)
	l.scroll(-1)
	l.resize(20)
	if l.offset != 0 {
		t.Errorf("%+v", l)
	}
}

func TestSqueezeKeepsThePort(t *testing.T) {
	const long = "[2001:db8:85a3:1234:5678:8a2e:370:7334]:65535"
	for w := 8; w < 60; w++ {
		got := squeeze(long, w)
		if width(got) > w {
			t.Fatalf("%d cells: %q", w, got)
		}
		if w >= 16 && !strings.HasSuffix(got, "]:65535") {
			t.Fatalf("%d cells: %q has lost its port", w, got)
		}
	}
}
