package ui

import (
	"strings"
	"testing"
)

// letters name the areas in the pictures below.
var letters = [numAreas]byte{
	areaHeader: 'h', areaHeadline: 'v', areaStates: '1', areaDestinations: '2', areaServices: '3',
	areaSysctls: '4', areaPorts: '5', areaFindings: '6', areaOwners: '7', areaGaps: 'g', areaFollow: 'f', areaKeys: 'k',
}

// picture draws a layout to a scale of 10 × 2 cells per character, so that the
// tests can be read.
func picture(l layout) string {
	var b strings.Builder
	for y := 0; y < l.h; y++ {
		for x := 0; x < l.w; x += 10 {
			c := byte('.')
			for a := range l.rects {
				if l.rects[a].contains(x, y) {
					c = letters[a]
				}
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

func TestLayoutPictures(t *testing.T) {
	for _, c := range []struct {
		name  string
		w, h  int
		focus area
		gaps  bool
		want  string
	}{
		{"80×24: verdict, worst gauge, destinations", 80, 24, areaDestinations, false, `
hhhhhhhh
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
55555555
55555555
55555555
55555555
55555555
22222222
22222222
22222222
22222222
22222222
22222222
22222222
22222222
22222222
22222222
22222222
kkkkkkkk`},
		{"80×24 with the states in focus, and gaps", 80, 24, areaStates, true, `
hhhhhhhh
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
vvvvvvvv
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
11111111
gggggggg
kkkkkkkk`},
		{"40×10: only the table", 40, 10, areaDestinations, false, `
hhhh
vvvv
vvvv
vvvv
2222
2222
2222
2222
2222
kkkk`},
		{"120×40: everything", 120, 40, areaDestinations, false, `
hhhhhhhhhhhh
vvvvvvvvvvvv
vvvvvvvvvvvv
vvvvvvvvvvvv
vvvvvvvvvvvv
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
333333333333
333333333333
333333333333
333333333333
333333333333
333333333333
666666666666
666666666666
666666666666
666666666666
666666666666
666666666666
kkkkkkkkkkkk`},
		{"120×40 with the sysctls in focus, and gaps", 120, 40, areaSysctls, true, `
hhhhhhhhhhhh
vvvvvvvvvvvv
vvvvvvvvvvvv
vvvvvvvvvvvv
vvvvvvvvvvvv
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
111115555555
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
222222222222
333333333333
333333333333
333333333333
333333333333
333333333333
333333333333
444444444444
444444444444
444444444444
444444444444
444444444444
444444444444
gggggggggggg
kkkkkkkkkkkk`},
		{"100×30", 100, 30, areaDestinations, false, `
hhhhhhhhhh
vvvvvvvvvv
vvvvvvvvvv
vvvvvvvvvv
vvvvvvvvvv
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
6666666666
6666666666
6666666666
6666666666
6666666666
6666666666
kkkkkkkkkk`},
		{"100×30 with the services in focus", 100, 30, areaServices, false, `
hhhhhhhhhh
vvvvvvvvvv
vvvvvvvvvv
vvvvvvvvvv
vvvvvvvvvv
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
1111155555
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
2222222222
3333333333
3333333333
3333333333
3333333333
3333333333
3333333333
kkkkkkkkkk`},
		{"160×44: the smallest wide one", 160, 44, areaDestinations, true, `
hhhhhhhhhhhhhhhh
vvvvvvvvvvvvvvvv
vvvvvvvvvvvvvvvv
vvvvvvvvvvvvvvvv
vvvvvvvvvvvvvvvv
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
1111155555555555
2222222222222222
2222222222222222
2222222222222222
2222222222222222
2222222222222222
2222222222222222
6666666666777777
6666666666777777
6666666666777777
6666666666777777
6666666666777777
6666666666777777
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
3333333344444444
gggggggggggggggg
kkkkkkkkkkkkkkkk`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := picture(arrange(c.w, c.h, c.focus, extras{gaps: c.gaps})); got != strings.TrimSpace(c.want) {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

// Whatever the size: areas lie inside the screen, do not overlap, and the pane
// in focus is seen as soon as there is any room for it.
func TestLayoutOfEverySize(t *testing.T) {
	for w := 0; w <= 210; w += 7 {
		for h := 0; h <= 64; h++ {
			for focus := firstPane; focus <= lastPane; focus++ {
				for _, gaps := range []bool{false, true} {
					for n := range 2 * (maxFollow + 1) {
						checkLayout(t, arrange(w, h, focus, extras{gaps, n / 2, n % 2 * timelineRows(h)}), focus)
					}
				}
			}
		}
	}
}

func checkLayout(t *testing.T, l layout, focus area) {
	t.Helper()
	covered := 0
	for a, r := range l.rects {
		if r.empty() {
			continue
		}
		covered += r.w * r.h
		if r.x < 0 || r.y < 0 || r.x+r.w > l.w || r.y+r.h > l.h {
			t.Fatalf("%d×%d: area %d at %+v is not on the screen", l.w, l.h, a, r)
		}
		for b := a + 1; b < len(l.rects); b++ {
			if o := l.rects[b]; !o.empty() && r.x < o.x+o.w && o.x < r.x+r.w && r.y < o.y+o.h && o.y < r.y+r.h {
				t.Fatalf("%d×%d: areas %d and %d overlap: %+v %+v", l.w, l.h, a, b, r, o)
			}
		}
	}
	if covered != l.w*l.h {
		t.Fatalf("%d×%d focus %d: %d cells of %d are covered", l.w, l.h, focus, covered, l.w*l.h)
	}
	if l.h >= 6 && l.w > 0 && l.rects[focus].empty() {
		t.Fatalf("%d×%d: the pane %d in focus is not shown", l.w, l.h, focus)
	}
}

func TestLayoutWideShowsEverything(t *testing.T) {
	l := arrange(200, 60, areaDestinations, extras{true, maxFollow, timelineRows(60)})
	for a := range numAreas {
		if l.rects[a].empty() {
			t.Errorf("area %d is not shown at 200×60", a)
		}
	}
}
