package live

import (
	"time"

	"github.com/359a26c5/twtop/source"
)

// A survey of all namespaces costs 2 % of one core at the most. It goes round
// every five seconds, or as often as it may.
const (
	surveyShare = 0.02
	surveyRound = 5 * time.Second
	// surveySlice is the processor time after which a step ends: one that made
	// no dump costs about as much.
	surveySlice = 5 * time.Millisecond
)

// worthDump is from which pressure on, in percent, that the number of a
// namespace's sockets does not rule out they are listed: 2,824 of them, with
// TIME_WAITs, for the default range. A dump costs as much as all namespaces'
// connections together, the kernel keeps them in one table.
const worthDump = 10

// goneFor is how long a namespace is told that is gone.
const goneFor = 30 * time.Second

// Judge says how a namespace stands by a snapshot of its sockets.
type Judge func(*source.Snapshot) source.Verdict
