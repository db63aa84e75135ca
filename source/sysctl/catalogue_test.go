package sysctl

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// absentHere are the keys that a kernel may well do without, and why. All are
// in the kernel's Documentation; tcp_tw_recycle was until 4.11.
var absentHere = map[string]string{
	"net.ipv4.tcp_tw_recycle":                          "removed in 4.12",
	"net.ipv4.tcp_tw_reuse_delay":                      "since 6.14",
	"net.ipv4.tcp_max_orphans":                         "host-wide: only in the initial namespace",
	"net.netfilter.nf_conntrack_max":                   "comes with nf_conntrack",
	"net.netfilter.nf_conntrack_tcp_timeout_time_wait": "comes with nf_conntrack",
	"net.ipv4.tcp_syncookies":                          "needs CONFIG_SYN_COOKIES",
}

func TestKeysExist(t *testing.T) {
	if _, err := os.Stat("/proc/sys/net/ipv4/ip_local_port_range"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no /proc/sys/net/ipv4 to compare with: ", err)
		}
		t.Skip("no /proc/sys/net/ipv4 to compare with: ", err)
	}
	for _, k := range Catalogue() {
		_, err := os.Stat(filepath.Join("/proc/sys", strings.ReplaceAll(k.Name, ".", "/")))
		if err != nil && absentHere[k.Name] == "" {
			t.Errorf("%s is not a key of this kernel: %v", k.Name, err)
		}
	}
}

func TestCatalogueFitsTheScreen(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Catalogue() {
		if seen[k.Name] {
			t.Errorf("%s is there twice", k.Name)
		}
		seen[k.Name] = true
		if n := utf8.RuneCountInString(k.Summary); n == 0 || n > 48 {
			t.Errorf("%s: the summary has %d cells, want 1 to 48: %q", k.Name, n, k.Summary)
		}
		if k.Unit == "" || k.Scope != ScopeNetNS && k.Scope != ScopeHost {
			t.Errorf("%s: unit %q, scope %q", k.Name, k.Unit, k.Scope)
		}
	}
}

// What people say of these keys and is not so.
var folklore = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(lower|reduce|shorten|decrease).*(fin_timeout|time.?wait|tw_buckets)`),
	regexp.MustCompile(`(?i)enable.*recycle`),
	regexp.MustCompile(`(?i)time.?wait (time-?out|duration)`),
	regexp.MustCompile(`(?i)incoming.*reuse|reuse.*incoming`),
	regexp.MustCompile(`(?i)65,?535 connections`),
	regexp.MustCompile(`(?i)ipv4 only`),
	regexp.MustCompile(`(?i)connection refused`),
	regexp.MustCompile(`(?i)inherit`),
}

func TestNoFolklore(t *testing.T) {
	for _, k := range Catalogue() {
		for _, f := range folklore {
			if f.MatchString(k.Summary) {
				t.Errorf("%s: %q is folklore (%v)", k.Name, k.Summary, f)
			}
		}
	}
}

// TestTruths holds the summaries that folklore gets wrong to what is so.
func TestTruths(t *testing.T) {
	for name, wants := range map[string][]string{
		FinTimeout:                    {"FIN-WAIT-2 only", "orphaned", "TIME-WAIT stays 60 s"},
		TWReuse:                       {"outgoing", "2 only 127/8 or ::1"},
		Timestamps:                    {"both ends"},
		TWRecycle:                     {"NAT", "must be 0"},
		LocalPortRange:                {"both ends included"},
		MaxTWBuckets:                  {"dropped"},
		"net.ipv4.tcp_keepalive_time": {"seconds"},
		"net.core.somaxconn":          {"listen()"},
	} {
		k, ok := Lookup(name)
		if !ok {
			t.Errorf("%s is not in the catalogue", name)
		}
		for _, want := range wants {
			if !strings.Contains(k.Summary, want) {
				t.Errorf("%s: %q does not say %q", name, k.Summary, want)
			}
		}
	}
}

func TestScopes(t *testing.T) {
	for _, k := range Catalogue() {
		host := strings.HasPrefix(k.Name, "fs.") || k.Name == "net.ipv4.tcp_max_orphans" || k.Name == "net.netfilter.nf_conntrack_max"
		if host != (k.Scope == ScopeHost) {
			t.Errorf("%s has scope %s", k.Name, k.Scope)
		}
	}
}

func TestCatalogueIsACopy(t *testing.T) {
	Catalogue()[0].Name = "changed"
	if Catalogue()[0].Name == "changed" || len(Names()) != len(Catalogue()) || Names()[0] != Catalogue()[0].Name {
		t.Error("the catalogue can be changed from outside, or Names does not go with it")
	}
	if _, ok := Lookup("net.ipv4.no_such_key"); ok {
		t.Error("Lookup found what is not there")
	}
}
