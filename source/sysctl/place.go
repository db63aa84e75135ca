package sysctl

import "fmt"

// Place is where values hold: one boot of one host, and one network namespace.
type Place struct {
	BootID string // /proc/sys/kernel/random/boot_id
	// Cookie is SO_NETNS_COOKIE, which no other namespace gets until the next
	// boot, as inode numbers do; 0 before Linux 5.14.
	Cookie uint64
	NetNS  string // for people: "net:[4026531840]", or a name
	// First: it is the host's first namespace, which lasts as long as the boot.
	First bool
}

// known reports whether the place can be told from all others.
func (p *Place) known() bool { return p.BootID != "" && (p.Cookie != 0 || p.First) }

// sameBoot: values that were written then may still hold.
func (p *Place) sameBoot(o *Place) bool { return p.BootID == o.BootID }

// is reports whether both are the same namespace of the same boot.
func (p *Place) is(o *Place) bool {
	if !p.known() || !o.known() || !p.sameBoot(o) {
		return false
	}
	if p.Cookie != 0 && o.Cookie != 0 {
		return p.Cookie == o.Cookie
	}
	return p.First && o.First
}

// Who is who asks for a change.
type Who struct {
	User string // the name of the effective user
	Sudo string // SUDO_USER, who became that user, or ""
}

func (w Who) String() string {
	if w.Sudo == "" {
		return w.User
	}
	return fmt.Sprintf("%s (%s by sudo)", w.User, w.Sudo)
}
