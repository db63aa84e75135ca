package sysctl

import (
	"fmt"
	"time"
)

// Outcome is what became of one key.
type Outcome string

// The outcomes.
const (
	OutcomeSet       Outcome = "set"        // written, and read back as planned
	OutcomePutBack   Outcome = "put back"   // as it was before
	OutcomeUnchanged Outcome = "unchanged"  // it was that value already
	OutcomeTaken     Outcome = "taken over" // somebody else set it since: that value stays
	OutcomeKept      Outcome = "kept"       // it is not put back, for a reason of its own
	OutcomeFailed    Outcome = "failed"
)

// Done is what an apply or an undo did to one key, or to its line in the file
// of /etc/sysctl.d.
type Done struct {
	Key, From, To string
	File          bool // the line, not the kernel
	Outcome       Outcome
	Note          string // why, for all but OutcomeSet and OutcomePutBack
}

// Result is what an apply or an undo did.
type Result struct {
	ID   string
	Done []Done // in the order in which it was done
	// Warnings are what went wrong beside it: the audit log could not be written.
	Warnings []string
}

// audit writes one line for one change, in logfmt.
func (g *Guard) audit(id string, at time.Time, d *Done) error {
	what := "kernel"
	if d.File {
		what = "file"
	}
	return g.State.add(auditFile, fmt.Appendf(nil,
		"time=%s id=%s user=%q sudo_user=%q netns=%q cookie=%d boot=%q in=%s key=%s from=%q to=%q result=%q note=%q\n",
		at.UTC().Format(time.RFC3339Nano), id, g.Who.User, g.Who.Sudo, g.Place.NetNS, g.Place.Cookie, g.Place.BootID,
		what, d.Key, d.From, d.To, string(d.Outcome), d.Note))
}
