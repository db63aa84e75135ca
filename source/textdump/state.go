package textdump

import "github.com/359a26c5/twtop/source"

// ssState reads iproute2's word for a state (misc/ss.c, sstate_name).
func ssState(b []byte) (source.State, bool) {
	switch string(b) {
	case "ESTAB":
		return source.StateEstablished, true
	case "TIME-WAIT":
		return source.StateTimeWait, true
	case "LISTEN":
		return source.StateListen, true
	case "SYN-SENT":
		return source.StateSynSent, true
	case "SYN-RECV", "NEW-SYN-RECV":
		return source.StateSynRecv, true
	case "FIN-WAIT-1":
		return source.StateFinWait1, true
	case "FIN-WAIT-2":
		return source.StateFinWait2, true
	case "UNCONN":
		return source.StateClose, true
	case "CLOSE-WAIT":
		return source.StateCloseWait, true
	case "LAST-ACK":
		return source.StateLastAck, true
	case "CLOSING":
		return source.StateClosing, true
	case "BOUND", "BOUND-INACTIVE":
		return source.StateBoundInactive, true
	case "UNKNOWN":
		return 0, true
	}
	return 0, false
}

// netstatState reads the word of net-tools for a state (netstat.c, tcp_state).
func netstatState(b []byte) (source.State, bool) {
	switch string(b) {
	case "ESTABLISHED":
		return source.StateEstablished, true
	case "TIME_WAIT":
		return source.StateTimeWait, true
	case "LISTEN":
		return source.StateListen, true
	case "SYN_SENT":
		return source.StateSynSent, true
	case "SYN_RECV":
		return source.StateSynRecv, true
	case "FIN_WAIT1":
		return source.StateFinWait1, true
	case "FIN_WAIT2":
		return source.StateFinWait2, true
	case "CLOSE":
		return source.StateClose, true
	case "CLOSE_WAIT":
		return source.StateCloseWait, true
	case "LAST_ACK":
		return source.StateLastAck, true
	case "CLOSING":
		return source.StateClosing, true
	case "UNKNOWN":
		return 0, true
	}
	return 0, false
}

// stateFilter reads the word of `ss state WORD` (misc/ss.c, scan_state). Where
// one state is asked for, ss prints no column for it.
func stateFilter(b []byte) (source.State, bool) {
	switch string(b) {
	case "established":
		return source.StateEstablished, true
	case "syn-sent":
		return source.StateSynSent, true
	case "syn-recv":
		return source.StateSynRecv, true
	case "fin-wait-1":
		return source.StateFinWait1, true
	case "fin-wait-2":
		return source.StateFinWait2, true
	case "time-wait":
		return source.StateTimeWait, true
	case "closed", "unconnected":
		return source.StateClose, true
	case "close-wait":
		return source.StateCloseWait, true
	case "last-ack":
		return source.StateLastAck, true
	case "listen", "listening":
		return source.StateListen, true
	case "closing":
		return source.StateClosing, true
	case "bound-inactive":
		return source.StateBoundInactive, true
	}
	return 0, false
}
