package sysctl

import (
	"fmt"
	"regexp"
	"strings"
)

// What may stand in an exported file. A plan comes from a socket table, from
// process names or from a capture, and its file is run as root somewhere.
var (
	// exportable is numbers, ranges of them and lists, as the kernel prints
	// them: "1", "32768\t60999", "8080,30000-32767".
	exportable = regexp.MustCompile(`\A[0-9]+([ \t,-][0-9]+)*\z`)
	// unitName is a service's name by systemd.unit(5); backslashes escape.
	unitName = regexp.MustCompile(`\A[A-Za-z0-9:_@\\][A-Za-z0-9:_.@\\-]*\.service\z`)
	// userName is what useradd(8) takes, and capitals.
	userName = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_.-]*\z`)
	hostName = regexp.MustCompile(`\A[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\z`)
)

func settingOf(i *Item) (setting, error) {
	if len(i.Want) > maxList || !exportable.MatchString(i.Want) {
		return setting{}, fmt.Errorf("%.60q: %.60q is no value: want numbers, ranges or a list of them", i.Key.Name, i.Want)
	}
	value, err := Check(i.Key.Name, i.Want)
	return setting{item: i, name: i.Key.Name, value: value}, err
}

// scope is the catalogue's, whatever the item says.
func (s *setting) scope() Scope {
	key, _ := Lookup(s.name)
	return key.Scope
}

// conntrack reports whether the key comes with the nf_conntrack module.
func (s *setting) conntrack() bool { return strings.HasPrefix(s.name, "net.netfilter.") }

func checkLimit(l Limit) error {
	switch {
	case l.Unit != "" && (len(l.Unit) > 255 || !unitName.MatchString(l.Unit)):
		return fmt.Errorf("limit of open files: %.60q is no name of a systemd service", l.Unit)
	case l.User != "" && (len(l.User) > 32 || !userName.MatchString(l.User)):
		return fmt.Errorf("limit of open files: %.60q is no user name", l.User)
	case l.NoFile == 0:
		return fmt.Errorf("limit of open files of %q: 0 would let it open none", l.Unit+l.User)
	}
	return nil
}
