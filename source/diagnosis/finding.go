package diagnosis

import "time"

// ID names a kind of finding, as the JSON and `twtop explain` do.
type ID string

// The findings, each with a rule in a file of its own.
const (
	PortExhaustion         ID = "port-exhaustion"
	PortPressure           ID = "port-pressure"
	SlowConnect            ID = "slow-connect"
	BindBeforeConnect      ID = "bind-before-connect"
	ServerClosesFirst      ID = "server-closes-first"
	CloseWaitLeak          ID = "close-wait-leak"
	SynSentPileup          ID = "syn-sent-pileup"
	FinWait2Pileup         ID = "fin-wait2-pileup"
	ListenOverflow         ID = "listen-overflow"
	TimeWaitOverflow       ID = "time-wait-overflow"
	ReuseWithoutTimestamps ID = "reuse-without-timestamps"
	TWRecycle              ID = "tw-recycle"
	ConntrackFull          ID = "conntrack-full"
	FDLimit                ID = "fd-limit"
	Orphans                ID = "orphans"
	IdleOutlivesNAT        ID = "idle-outlives-nat"
	CureNotAtWork          ID = "cure-not-at-work"
)

// Confidence is how sure a finding is.
type Confidence string

// The confidences. Certain: the kernel's own figures say so. Likely: they fit
// nothing else that is usual. Possible: they fit this as well.
const (
	Certain  Confidence = "certain"
	Likely   Confidence = "likely"
	Possible Confidence = "possible"
)

// Finding is something that is wrong, with what shows it and what helps.
type Finding struct {
	ID         ID
	Severity   Severity
	Confidence Confidence
	// Subject is what it is about, in words: a destination, a service, a
	// process, or "this host".
	Subject string
	// Destination and Service are the indices in Report of the row that it is
	// about, -1 for none.
	Destination, Service int
	// Claim is one sentence: what is wrong, and where.
	Claim string
	// Evidence is the figures that show it, a sentence each.
	Evidence []string
	// Remedies are what helps, in the order in which to do it.
	Remedies []Remedy
}

// RemedyKind is where a remedy is applied.
type RemedyKind string

// The kinds of remedies.
const (
	RemedySysctl      RemedyKind = "sysctl"      // a key of sysctl.Catalogue
	RemedyApplication RemedyKind = "application" // the program's configuration or code
	RemedySystem      RemedyKind = "system"      // limits, addresses, firewalls: the host around it
)

// Remedy is one thing that helps.
type Remedy struct {
	Kind RemedyKind
	// Text says what to do, in an imperative of a few words:
	// "set net.ipv4.tcp_tw_reuse to 1 (now 0)".
	Text string
	// Effect is what it would do here at the present demand, or "":
	// "enough: 28,118/s are borne, 640/s wanted".
	Effect string
	// Enough says whether it ends the trouble for good; nil where that is not
	// known, or cannot be said of it.
	Enough *bool
	// Buys is by how much it puts the end off where it does not prevent it; 0
	// where nobody knows.
	Buys time.Duration
	// Key and Value are the sysctl and what it should be, for RemedySysctl.
	// Value is "" where the plan has to work it out (sysctl.Plan).
	Key, Value string
	// Page is the page of `twtop explain` that tells how, or "".
	Page string
}
