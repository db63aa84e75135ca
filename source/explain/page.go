// Package explain holds the pages of `twtop explain`: what each finding means,
// how it is told, what helps, and when it is something else; and one page for
// each kind of client or server on how to set it up.
package explain

// BlockKind is what a Block is.
type BlockKind uint8

// The kinds of blocks.
const (
	Paragraph BlockKind = iota // flowing text, to be wrapped
	Heading                    // one line
	Item                       // of a list, to be wrapped and indented
	Code                       // one line, to be kept as it is and copied
)

// Block is a piece of a page.
type Block struct {
	Kind BlockKind
	Text string // without a line break
}

// Page is one page. It is made for 80 columns and needs no incident to be read.
type Page struct {
	ID string // of a finding, or of a cure: "nginx", "python"
	// Title is the page's first line; Summary one more for lists, at most 60 cells.
	Title, Summary string
	// Finding: the page is a finding's. The others are cures.
	Finding bool
	Blocks  []Block
}

// Pages returns all pages, the findings' first, in the order of the list. The
// caller may change the slice, not what it points to.
func Pages() []Page { return nil }

// Lookup returns the page with an ID.
func Lookup(id string) (Page, bool) {
	for _, p := range Pages() {
		if p.ID == id {
			return p, true
		}
	}
	return Page{}, false
}
