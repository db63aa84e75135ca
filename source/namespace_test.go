package source

import (
	"slices"
	"testing"
)

func TestNamespaceString(t *testing.T) {
	nginx := []Process{{PID: 2872, Name: "nginx"}}
	docker := Container{ID: "3f2a5b6c7d8e9f001122", Runtime: "docker"}
	for want, n := range map[string]Namespace{
		"payments":            {Names: []string{"payments", "b"}, Container: docker, Processes: nginx, First: true},
		"host":                {First: true, Processes: nginx},
		"docker 3f2a5b6c7d8e": {Container: docker, Processes: nginx},
		"3f2a":                {Container: Container{ID: "3f2a"}},
		"nginx (2872)":        {Processes: nginx, Mounts: []string{"/run/docker/netns/5f"}},
		"5f":                  {Processes: []Process{{PID: 7}}, Mounts: []string{"/run/docker/netns/5f"}},
		"net:[4026531840]":    {Inode: 4026531840},
	} {
		if got := n.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNamespaceSame(t *testing.T) {
	for _, c := range []struct {
		a, b Namespace
		want bool
	}{
		{Namespace{Inode: 1, Cookie: 5}, Namespace{Inode: 1, Cookie: 5}, true},
		{Namespace{Inode: 1, Cookie: 5}, Namespace{Inode: 1, Cookie: 6}, false}, // the number was used again
		{Namespace{Inode: 1, Cookie: 5}, Namespace{Inode: 1}, true},
		{Namespace{Inode: 1}, Namespace{Inode: 2}, false},
	} {
		if got := c.a.Same(&c.b); got != c.want {
			t.Errorf("%+v and %+v: %v", c.a, c.b, got)
		}
	}
}

// pressed is a standing by what was measured, or a bound below 0.
func pressed(name string, percent float64) Standing {
	s := Standing{Namespace: Namespace{Names: []string{name}}}
	if percent < 0 {
		bound := -percent
		s.AtMost = &bound
	} else {
		s.Verdict = &Verdict{Pressure: percent}
	}
	return s
}

func TestWorseFirst(t *testing.T) {
	gone := pressed("gone", 100)
	gone.Gone = true
	own := pressed("own", 3)
	own.Own = true
	list := []Standing{gone, {Namespace: Namespace{Names: []string{"unknown"}}}, pressed("bound", -9), pressed("c", 3), own, pressed("low", -2), pressed("full", 100), pressed("b", 50)}
	slices.SortStableFunc(list, WorseFirst)
	var got []string
	for i := range list {
		got = append(got, list[i].String())
	}
	if want := []string{"full", "b", "own", "c", "bound", "low", "unknown", "gone"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestNoPortLeft(t *testing.T) {
	calm, full, gone := pressed("calm", 99.9), pressed("payments", 100), pressed("gone", 100)
	gone.Gone = true
	for want, list := range map[string][]Standing{
		"": {calm, gone, pressed("many", -100), {}},
		"1 of 2 namespaces has no port left: payments":                    {full, calm, gone},
		"2 of 2 namespaces have no port left: payments, b":                {full, pressed("b", 100)},
		"4 of 4 namespaces have no port left: payments, b, c, and 1 more": {full, pressed("b", 100), pressed("c", 100), pressed("d", 100)},
	} {
		if got := NoPortLeft(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
