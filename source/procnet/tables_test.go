package procnet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProtocolsOfOtherKernels(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Protocol
	}{
		"columns moved":  {"protocol new sockets\nTCP 9 3\n", []Protocol{{"TCP", 3}}},
		"does not count": {"protocol size sockets\nTCP 9 3\nPACKET 9 -1\n", []Protocol{{"TCP", 3}}},
		"no such column": {"protocol size\nTCP 9\n", nil},
		"a short line":   {"protocol size sockets\nTCP\nUDP 1 2\n", []Protocol{{"UDP", 2}}},
		"empty":          {"", nil},
		"endless":        {"protocol sockets\n" + strings.Repeat("X 1\n", 5000), slicesOf(Protocol{"X", 1}, maxProtocols)},
	} {
		got, err := parseProtocols(strings.NewReader(c.text))
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	if _, err := parseProtocols(strings.NewReader("protocol sockets\nTCP many\n")); err == nil {
		t.Error("no number, no error")
	}
}

func slicesOf[T any](v T, n int) (out []T) {
	for range n {
		out = append(out, v)
	}
	return out
}

func TestMIBs(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		a, b *uint64
	}{
		"both":               {"T: A B\nT: 1 2\n", ptr(1), ptr(2)},
		"another group":      {"U: A B\nU: 1 2\n", nil, nil},
		"values missing":     {"T: A B\nT: 1\n", ptr(1), nil},
		"more values":        {"T: A\nT: 1 2 3\n", ptr(1), nil},
		"no values":          {"T: A B\n", nil, nil},
		"interleaved":        {"T: A\nU: X\nU: 9\nT: 5\n", nil, nil},
		"two groups":         {"U: X\nU: 9\nT: B\nT: 18446744073709551615\n", nil, ptr(1<<64 - 1)},
		"blank lines":        {"\nT: A\nT: 4\n\n", ptr(4), nil},
		"a group once more":  {"T: A\nT: 1\nT: 2\nT: 3\n", ptr(1), nil},
		"negative elsewhere": {"T: MaxConn A\nT: -1 3\n", ptr(3), nil},
	} {
		var a, b *uint64
		err := mibs{"T A": &a, "T B": &b}.parse(strings.NewReader(c.text))
		if diff := cmp.Diff([]*uint64{c.a, c.b}, []*uint64{a, b}); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestLongLinesAreRefused(t *testing.T) {
	long := "T: " + strings.Repeat("A", maxLine) + "\n"
	if err := (mibs{}).parse(strings.NewReader(long)); err == nil {
		t.Error("no error")
	}
}

func TestPorts(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "\n": 0, "80": 1, "80,3000-3010": 12, "0-65535": 65536, "5,5,5-6": 2, "65535": 1, "1,": 1,
	} {
		set, err := ParsePorts(text)
		if err != nil || set.Len() != want {
			t.Errorf("%q: %d ports, %v, want %d", text, set.Len(), err, want)
		}
	}
	for _, text := range []string{"x", "-1", "65536", "10-5", "1-2-3", "1 2", "99999999999999999999", "1-"} {
		if set, err := ParsePorts(text); err == nil || set.Len() != 0 {
			t.Errorf("%q: %d ports, %v", text, set.Len(), err)
		}
	}
}

func TestPortRange(t *testing.T) {
	for _, text := range []string{"", "1", "2 1", "1 2 3", "a b", "1 65536"} {
		if r, err := ParsePortRange(text); err == nil {
			t.Errorf("%q: got %v", text, r)
		}
	}
	if r, err := ParsePortRange("20000\t20000\n"); err != nil || r.Size() != 1 {
		t.Errorf("got %v, %v", r, err)
	}
}

// TestUnhashedWantsAQuietMoment gives figures that change as they are read.
func TestUnhashedWantsAQuietMoment(t *testing.T) {
	for name, c := range map[string]struct {
		used []int // -1 for none
		n    int
		ok   bool
	}{
		"quiet":            {[]int{9, 9}, 2, true},
		"quiet later":      {[]int{9, 8, 8, 10, 10, 10}, 3, true},
		"never quiet":      {[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 9}, 0, false},
		"none":             {[]int{-1, 9}, 0, false},
		"gone in mid-read": {[]int{9, -1}, 0, false},
	} {
		used := func() *uint64 {
			v := c.used[0]
			c.used = c.used[1:]
			if v < 0 {
				return nil
			}
			return ptr(uint64(v))
		}
		if n, ok := difference(used, func() *uint64 { return ptr(7) }); n != c.n || ok != c.ok {
			t.Errorf("%s: got %d, %v", name, n, ok)
		}
	}
}
