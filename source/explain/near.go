package explain

import (
	"cmp"
	"slices"
	"strings"
)

// mostNear is how many pages Near names, longestNear how many characters of
// what was asked for it looks at.
const (
	mostNear    = 3
	longestNear = 40
)

// Near returns the ids of the pages that somebody may have meant who asked for
// one that is not there: ids that are spelt much like it or contain it, or
// else the pages that speak of it most. It may find none.
func Near(id string) []string {
	id = strings.ToLower(strings.TrimSpace(id))
	if id == "" || len(id) > longestNear {
		return nil
	}
	var spelt, about []nearPage
	for _, p := range pages() {
		if d := distance(id, p.ID); alike(d, p.ID) {
			spelt = append(spelt, nearPage{p.ID, d})
		} else if len(id) >= 3 && (strings.Contains(p.ID, id) || strings.Contains(id, p.ID)) {
			spelt = append(spelt, nearPage{p.ID, d + len(p.ID)})
		}
		if n := p.speaksOf(id); len(id) >= 3 && n > 0 {
			about = append(about, nearPage{p.ID, -n})
		}
	}
	if len(spelt) == 0 {
		return nearest(about)
	}
	return nearest(spelt)
}

// Nearest returns those of words that are spelt much like word, the most like
// it first. It may find none.
func Nearest(word string, words []string) []string {
	word = strings.ToLower(word)
	if word == "" || len(word) > longestNear {
		return nil
	}
	var spelt []nearPage
	for _, w := range words {
		if d := distance(word, strings.ToLower(w)); alike(d, w) {
			spelt = append(spelt, nearPage{w, d})
		}
	}
	return nearest(spelt)
}

// alike reports whether one may have meant a word that is so far from what was
// written.
func alike(distance int, word string) bool {
	return distance <= min(max(2, len(word)/4), (len(word)-1)/2)
}

// nearPage is a page, and how far it is from what was asked for.
type nearPage struct {
	id  string
	far int
}

func nearest(found []nearPage) []string {
	slices.SortStableFunc(found, func(a, b nearPage) int { return cmp.Compare(a.far, b.far) })
	var out []string
	for _, p := range found[:min(len(found), mostNear)] {
		out = append(out, p.id)
	}
	return out
}

// speaksOf counts how often a word, in small letters, stands on the page. One
// in the title counts for many.
func (p *Page) speaksOf(word string) int {
	n := 10 * strings.Count(strings.ToLower(p.Title+" "+p.Summary), word)
	for _, b := range p.Blocks {
		n += strings.Count(strings.ToLower(b.Text), word)
	}
	return n
}

// distance is how many characters have to be added, dropped, changed, or swapped
// with the next one to make a into b (optimal string alignment).
func distance(a, b string) int {
	var older []int // the row before the last one
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
		older, last = last, row
	}
	return last[len(b)]
}
