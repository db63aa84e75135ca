package diagnosis

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// parseWord understands one word without its "!".
func parseWord(w string) (rowTest, error) {
	if w == "" {
		return nil, errors.New("there is nothing after the exclamation mark")
	}
	if key, value, found := strings.Cut(w, ":"); found && isKey(key) {
		return keyTest(strings.ToLower(key), value)
	}
	if port, found := strings.CutPrefix(w, ":"); found && !strings.Contains(port, ":") {
		n, err := parsePort(port)
		if err != nil {
			return nil, err
		}
		return func(r *row) bool { return r.ends[0].Port() == n }, nil
	}
	if strings.Contains(w, "/") {
		return prefixTest(w)
	}
	if test, ok, err := endTest(w); ok || err != nil {
		return test, err
	}
	return textTest(w), nil
}

// isKey reports whether s is a word before a colon, and not the beginning of
// an IPv6 address.
func isKey(s string) bool {
	letters := false
	for _, c := range strings.ToLower(s) {
		switch {
		case c >= 'a' && c <= 'f':
		case c >= 'g' && c <= 'z' || c == '_' || c == '-':
			letters = true
		default:
			return false
		}
	}
	return letters
}

func keyTest(key, value string) (rowTest, error) {
	switch {
	case key == "state":
		mask, err := parseState(value)
		if err != nil {
			return nil, err
		}
		return func(r *row) bool { return r.has(mask) }, nil
	case ownerTests[key] != nil:
		return ownerTest(key, value)
	}
	return nil, fmt.Errorf("%q is no key; there are state, pid, comm, unit and container", key)
}

// prefixTest takes rows with an address in the network.
func prefixTest(w string) (rowTest, error) {
	p, err := netip.ParsePrefix(w)
	if err != nil {
		return nil, errors.New("a network is ADDRESS/BITS, as 10.0.0.0/8 or fd00::/8")
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return nil, errors.New("a network of IPv4-mapped addresses has at least 96 bits")
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return func(r *row) bool {
		for _, end := range r.ends[:r.n] {
			if p.Contains(end.Addr()) {
				return true
			}
		}
		return false
	}, nil
}

// endTest understands ADDRESS:PORT, where ADDRESS is complete. Anything else
// is no error: it is a word to look for.
func endTest(w string) (rowTest, bool, error) {
	host, port, found := cutPort(w)
	if !found {
		return nil, false, nil
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return nil, false, nil
	}
	n, err := parsePort(port)
	if err != nil {
		return nil, false, err
	}
	want := netip.AddrPortFrom(addr.Unmap(), n)
	return func(r *row) bool { return r.ends[0] == want }, true, nil
}

// cutPort cuts "1.2.3.4:80" and "[::1]:80" in two.
func cutPort(w string) (host, port string, found bool) {
	if rest, ok := strings.CutPrefix(w, "["); ok {
		return strings.Cut(rest, "]:")
	}
	if strings.Count(w, ":") != 1 {
		return "", "", false
	}
	return strings.Cut(w, ":")
}

// textTest looks for a word in the row. An address is found however it is
// written: ::ffff:10.0.0.1 is 10.0.0.1.
func textTest(w string) rowTest {
	if a, err := netip.ParseAddr(strings.Trim(w, "[]")); err == nil {
		w = a.Unmap().String()
	}
	w = strings.ToLower(w)
	return func(r *row) bool { return strings.Contains(r.words(), w) }
}

// stateNames are the names of states beyond iproute2's words and the JSON's
// keys, without separators: the kernel's and netstat's.
var stateNames = func() map[string]uint32 {
	m := map[string]uint32{
		"estab": source.StateEstablished.Mask(), "closed": source.StateClose.Mask(), "unconn": source.StateClose.Mask(),
		"listening": source.StateListen.Mask(), "bound": source.StateBoundInactive.Mask(),
	}
	for _, s := range source.ReportedStates {
		m[plainState(s.String())] = s.Mask()
		m[plainState(s.Key())] = s.Mask()
	}
	return m
}()

func plainState(s string) string {
	s = strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
	return strings.TrimPrefix(s, "tcp")
}

func parseState(s string) (uint32, error) {
	if mask, ok := stateNames[plainState(s)]; ok {
		return mask, nil
	}
	names := make([]string, len(source.ReportedStates))
	for i, st := range source.ReportedStates {
		names[i] = strings.ToLower(st.String())
	}
	return 0, fmt.Errorf("%q is no state; the states are %s", s, strings.Join(names, ", "))
}
