// Package capture records a series of snapshots and gives them back.
//
// # The file
//
// A capture is the magic, then records, one after another. A record is its
// kind (one capital letter), the length of its body (uvarint), and the body.
// The first is the header (H), JSON. Each of the others is a frame, K or D: the
// moment it was taken (varint, milliseconds since 1970), then zstd frames that
// unpack to sections. A section is its tag (uvarint), its length (uvarint), and
// so many bytes; those of tags below 64 are in ascending order but for what
// their comments say. Numbers are little-endian or varints as encoding/binary
// has them, a signed one in zigzag, whatever machine wrote them. Readers skip
// records and sections that they do not know. The lengths of the records are
// the index: there is no other, and a stream needs none.
//
// A key frame (K) begins with nothing; a delta (D) tells what changed since the
// frame before. There are fewer than maxGroup frames from one key frame to the
// next. A frame is complete once it is written, so a recording that was cut
// off ends with its last whole frame.
//
// # What is not a connection
//
// A section that is not there means: as before. A text is its length (uvarint)
// and its bytes; an address 16 bytes, the words of source.Addr; a point in time
// one byte, 0 for none, else seconds (varint) and nanoseconds (uvarint). A list
// (listeners, bound sockets, gaps, processes, cgroups, holders) is told in
// pieces, each three uvarints and rows: how many rows of the list before are
// left out, how many are taken over, how many new ones follow. A row is its
// length (uvarint) and its fields in the order of the functions write… and
// read…; later versions may add fields at its end. Sysctls are told by key:
// text, one byte, and the value where that is 1. Of the counters there is a
// mask (uvarint) of those that are known, in the order of counterFields, and
// for each of them how much it grew (varint). Holders and sightings name a
// process by its PID (varint, −1 for nobody) and how many with that PID are
// before it in the list (uvarint). Sightings are all new in each frame.
//
// # Connections
//
// They lie by flow, in the order in which flows appeared since the key frame,
// and in each flow by port (Socket.Port), equals in the order told here. Tags
// from tagColumns on are the columns, each one kind of figure of all that is
// told. colFlows has the new flows: two addresses, device and port (uvarint),
// role (byte), listener plus 1 (uvarint). colAttrs has flows whose role or
// listener is another: how many flows lie between it and the one before
// (uvarint), role, listener. colTouches has flows of which there is more to
// tell: the gap likewise, then how many runs, removals, changes and additions.
//
// The sockets of a flow in the frame before are known by their place in it.
//
//   - Runs: the mini-sockets whose deadline is not after the frame's clock, by
//     deadline and then place, are gone and not gone in turns, so many each,
//     beginning with gone. What is after the last run is not gone. So a
//     TIME_WAIT is written when it appears, with the deadline that was fixed
//     then, and leaves by itself.
//   - Removals: places of others that are gone, as gaps (uvarint).
//   - Changes: places of full sockets, as gaps, with the bits of part
//     (colChanges) and, in the order of these, what is another.
//   - Additions: the port as the difference to the one before in this flow
//     (colPorts), the state and 16 times the timer (colKinds), the deadline if
//     a timer runs, and the detail of a full socket, all its parts.
//
// A deadline is its difference to the clock plus 60,000 ms in zigzag, its lowest
// byte in colLow and the rest in colHigh (uvarint). The moments of tcp_info are
// the clock less the moment, both rounded down to the grid of 16 ms, in grids
// (varint). Uids, inodes and cgroups are the difference to the one before in
// the frame (varint). What moved by no more than the slack has not moved, so
// times of full sockets are right to 50 ms; those of mini-sockets are exact.
package capture

// Magic is how every capture begins. The first byte is in no text.
const Magic = "\x89twtop\r\n"

// Version is the version of the format. A reader refuses a later one: what may
// be skipped does not change it.
const Version = 1

// The kinds of records.
const (
	recordHeader = 'H'
	recordKey    = 'K'
	recordDelta  = 'D'
)

// Bounds of what a reader believes.
const (
	maxHeader   = 1 << 16   // bytes of the header
	maxBody     = 64 << 20  // bytes of a record
	maxSections = 128 << 20 // bytes of a frame's sections
	maxWindow   = 8 << 20   // bytes of zstd's window
	maxSockets  = 4 << 20   // sockets of a frame, and rows of a list
	maxGroup    = 256       // frames from a key frame to the next

	// A frame unpacks to no more than fairSections bytes, and fairRatio for
	// each packed byte: what a million sockets take that are all alike.
	fairSections = 4 << 20
	fairRatio    = 256

	maxText = 256 << 10 // bytes of one text: a list of reserved ports may be long
)
