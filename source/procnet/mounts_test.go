package procnet

import (
	"slices"
	"strings"
	"testing"
)

func TestNetMounts(t *testing.T) {
	const line = "43 42 0:4 net:[4026532246] /run/netns/a rw shared:2 - nsfs nsfs rw\n"
	a := NetMount{4026532246, "/run/netns/a"}
	for text, want := range map[string][]NetMount{
		"":   nil,
		line: {a},
		"22 27 0:21 / /proc rw,relatime - proc proc rw\n" + line:                        {a},
		strings.TrimSuffix(line, "\n"):                                                  {a},
		"44 42 0:4 net:[7] /run/netns/two\\040words\\134x rw - nsfs nsfs rw\n":          {{7, "/run/netns/two words\\x"}},
		"44 42 0:4 net:[7] /n\\04 rw - nsfs nsfs rw\n":                                  {{7, "/n\\04"}},
		"44 42 0:4 mnt:[4026532247] /run/snapd/ns/x.mnt rw - nsfs nsfs rw\n" + line:     {a},
		"44 42 0:4 net:[x] /n rw - nsfs nsfs rw\n":                                      nil,
		"44 42 0:4 net:[] /n rw - nsfs nsfs rw\n":                                       nil,
		"44 42 0:4 net:[7 /n rw - nsfs nsfs rw\n":                                       nil,
		"44 42 0:4 net:[99999999999999999999] /n rw - nsfs nsfs rw\n":                   nil,
		"44 42 0:4 net:[7] - nsfs nsfs rw\n":                                            nil,
		"44 42 0:4 net:[7] /n rw - tmpfs nsfs rw\n":                                     nil,
		"1 2 0:4 / /" + strings.Repeat("x", maxMountLine) + " rw - nsfs a b\n" + line:   {a},
		"1 2 0:4 net:[7] /" + strings.Repeat("x", 3*maxMountLine) + " rw - nsfs a b\n":  nil,
		strings.Repeat("1 2 0:4 / / rw - proc a b\n", maxMounts) + line:                 nil,
		strings.Repeat("1 2 0:4 / / rw - proc a b\n", maxMounts-1) + line + line + line: {a},
		"44 42 0:4 net:[7] /a rw shared:1 master:2 - nsfs nsfs rw\n\n\x00 - nsfs \n":    {{7, "/a"}},
	} {
		got, err := parseNetMounts(strings.NewReader(text))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.80q: got %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestNetMountsOfAProcess(t *testing.T) {
	f := proc(t, map[string]string{"1/mountinfo": "43 42 0:4 net:[9] /run/docker/netns/5f rw - nsfs nsfs rw\n"})
	got, err := f.NetMounts("1")
	if want := []NetMount{{9, "/run/docker/netns/5f"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := f.NetMounts("self"); err == nil {
		t.Error("no file, and no error")
	}
}

func FuzzNetMounts(f *testing.F) {
	f.Add("43 42 0:4 net:[4026532246] /run/netns/a\\040b rw shared:2 - nsfs nsfs rw\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseNetMounts(strings.NewReader(text))
		if err != nil || len(list) > strings.Count(text, "\n")+1 {
			t.Errorf("%d mounts, %v", len(list), err)
		}
	})
}
