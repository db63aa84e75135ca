package source

// State is a TCP state with the kernel's numbering (include/net/tcp_states.h).
type State uint8

// The kernel's states. Value 0 is no state of the kernel's.
const (
	StateEstablished State = 1 + iota
	StateSynSent
	StateSynRecv
	StateFinWait1
	StateFinWait2
	StateTimeWait
	StateClose
	StateCloseWait
	StateLastAck
	StateListen
	StateClosing
	StateNewSynRecv
	// StateBoundInactive is a socket that is bound and neither listening nor
	// connected. It is asked for with bit 13 and reported as TCP_CLOSE;
	// twtop keeps it apart (TCP_BOUND_INACTIVE, Linux 6.8).
	StateBoundInactive

	// NumStates sizes arrays that a State indexes.
	NumStates = 14
)

// stateWords are iproute2's words for a person, and the keys of twtop's JSON.
var stateWords = [NumStates]struct{ word, key string }{
	0:                  {"UNKNOWN", "unknown"},
	StateEstablished:   {"ESTAB", "established"},
	StateSynSent:       {"SYN-SENT", "syn_sent"},
	StateSynRecv:       {"SYN-RECV", "syn_recv"},
	StateFinWait1:      {"FIN-WAIT-1", "fin_wait1"},
	StateFinWait2:      {"FIN-WAIT-2", "fin_wait2"},
	StateTimeWait:      {"TIME-WAIT", "time_wait"},
	StateClose:         {"UNCONN", "close"},
	StateCloseWait:     {"CLOSE-WAIT", "close_wait"},
	StateLastAck:       {"LAST-ACK", "last_ack"},
	StateListen:        {"LISTEN", "listen"},
	StateClosing:       {"CLOSING", "closing"},
	StateNewSynRecv:    {"SYN-RECV", "new_syn_recv"},
	StateBoundInactive: {"BOUND", "bound_inactive"},
}

// String returns iproute2's word for the state ("TIME-WAIT").
func (s State) String() string {
	if s >= NumStates {
		return "UNKNOWN"
	}
	return stateWords[s].word
}

// Key returns the name the state has in twtop's JSON ("time_wait").
func (s State) Key() string {
	if s >= NumStates {
		return "unknown"
	}
	return stateWords[s].key
}

// Mask is the state's bit in idiag_states.
func (s State) Mask() uint32 { return 1 << s }

// ReportedStates are the states a person is shown, in the order of a
// connection's life. NEW_SYN_RECV is counted as SYN-RECV, as ss does.
var ReportedStates = [...]State{
	StateEstablished, StateSynSent, StateSynRecv, StateFinWait1, StateFinWait2,
	StateTimeWait, StateClose, StateCloseWait, StateLastAck, StateListen,
	StateClosing, StateBoundInactive,
}

// StateCounts counts sockets by State.
type StateCounts [NumStates]uint32

// Total is the number of sockets in all states.
func (c *StateCounts) Total() int {
	n := 0
	for _, v := range c {
		n += int(v)
	}
	return n
}
