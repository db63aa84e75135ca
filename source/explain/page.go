// Package explain holds the pages of `twtop explain`: what each finding means,
// how it is told, what helps, and when it is something else; and one page for
// each kind of client or server on how to set it up.
package explain

import (
	"embed"
	"slices"
	"sync"
)

// BlockKind is what a Block is.
type BlockKind uint8

// The kinds of blocks.
const (
	Paragraph BlockKind = iota // flowing text, to be wrapped
	Heading                    // one line
	Item                       // of a list, to be wrapped and indented
	Code                       // one line, to be kept as it is and copied; "" between two snippets
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

// findings and cures are the ids of all pages, in the order of the list. The
// findings are those of package diagnosis, ports first; a cure's page tells
// how a remedy is applied.
var (
	findings = []string{
		"port-exhaustion", "port-pressure", "slow-connect", "bind-before-connect", "server-closes-first",
		"close-wait-leak", "syn-sent-pileup", "fin-wait2-pileup", "listen-overflow", "time-wait-overflow",
		"reuse-without-timestamps", "tw-recycle", "conntrack-full", "fd-limit", "orphans",
		"idle-outlives-nat", "cure-not-at-work",
	}
	cures = []string{
		"keepalive", "nginx", "haproxy", "envoy", "python", "node", "go", "java", "php", "database-pools", "redis",
		"addresses", "bind-address-no-port", "load-balancer", "nofile", "conntrack", "nat-keepalive",
	}
)

//go:embed pages/*.md
var files embed.FS

// pages reads what is embedded, once. A page that is missing or malformed is a
// defect of the build, which the tests find.
var pages = sync.OnceValue(func() []Page {
	out := make([]Page, 0, len(findings)+len(cures))
	for _, id := range slices.Concat(findings, cures) {
		text, err := files.ReadFile("pages/" + id + ".md")
		if err != nil {
			panic(err)
		}
		p, err := parse(string(text))
		if err != nil {
			panic(id + ": " + err.Error())
		}
		p.ID, p.Finding = id, slices.Contains(findings, id)
		out = append(out, p)
	}
	return out
})

// Pages returns all pages, the findings' first, in the order of the list. The
// caller may change the slice, not what it points to.
func Pages() []Page { return slices.Clone(pages()) }

// Lookup returns the page with an ID.
func Lookup(id string) (Page, bool) {
	for _, p := range pages() {
		if p.ID == id {
			return p, true
		}
	}
	return Page{}, false
}
