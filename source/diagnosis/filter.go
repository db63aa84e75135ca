package diagnosis

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// Filter chooses rows: words that must all hold. The zero Filter takes all.
type Filter struct{ words []word }

// word is one test; deny turns it round.
type word struct {
	deny bool
	test rowTest
}

// rowTest reports whether a row passes.
type rowTest func(*row) bool

// row is what a filter sees of a destination or a service.
type row struct {
	ends   [2]netip.AddrPort // the service's end first; a port of 0 is unknown
	n      int               // ends that there are
	states *source.StateCounts
	listen bool
	owners *Owners // nil where nobody looked
	text   string  // lower case, made when a word is looked for
}

// ParseFilter understands `10.0.0.0/8`, `:4001`, `127.0.0.1:4001`,
// `state:time-wait`, `pid:2872`, `comm:nginx`, `unit:nginx.service`,
// `container:3f2a`, any other word (looked for in the row's addresses, states and
// the name of its main owner); `!` before a word denies it. The error names the word and what is wrong with it.
func ParseFilter(expr string) (Filter, error) {
	var f Filter
	for _, text := range strings.Fields(expr) {
		bare, deny := strings.CutPrefix(text, "!")
		test, err := parseWord(bare)
		if err != nil {
			return Filter{}, fmt.Errorf("filter %q: %w", text, err)
		}
		f.words = append(f.words, word{deny, test})
	}
	return f, nil
}

// IsZero reports whether the filter takes everything.
func (f Filter) IsZero() bool { return len(f.words) == 0 }

// Destination reports whether the filter takes d.
func (f Filter) Destination(d *Destination) bool {
	if f.IsZero() {
		return true
	}
	return f.takes(&row{
		ends: [2]netip.AddrPort{d.Remote, netip.AddrPortFrom(d.Local, 0)}, n: 2, states: &d.States,
		owners: d.Owners,
	})
}

// Service reports whether the filter takes s.
func (f Filter) Service(s *Service) bool {
	if f.IsZero() {
		return true
	}
	return f.takes(&row{ends: [2]netip.AddrPort{s.Local}, n: 1, states: &s.States, listen: s.Sockets > 0, owners: s.Owners})
}

func (f Filter) takes(r *row) bool {
	for i := range f.words {
		if f.words[i].test(r) == f.words[i].deny {
			return false
		}
	}
	return true
}

// has reports whether the row has a socket in one of the states of mask.
func (r *row) has(mask uint32) bool {
	if r.listen && mask&source.StateListen.Mask() != 0 {
		return true
	}
	for s, n := range r.states {
		if n > 0 && mask&source.State(s).Mask() != 0 {
			return true
		}
	}
	return false
}

// words returns what a person sees of the row's addresses, and the states in
// which it has sockets.
func (r *row) words() string {
	if r.text != "" {
		return r.text
	}
	var b strings.Builder
	for _, end := range r.ends[:r.n] {
		if end.Port() == 0 {
			b.WriteString(end.Addr().String())
		} else {
			b.WriteString(end.String())
		}
		b.WriteByte(' ')
	}
	for s, n := range r.states {
		if n > 0 {
			b.WriteString(source.State(s).String())
			b.WriteByte(' ')
		}
	}
	if r.listen {
		b.WriteString(source.StateListen.String())
	}
	if m, ok := r.owners.Main(); ok {
		b.WriteString(" " + m.Who)
	}
	r.text = strings.ToLower(b.String())
	return r.text
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("a port is a number from 1 to 65535")
	}
	return uint16(n), nil
}
