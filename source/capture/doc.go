// Package capture records a series of snapshots and gives them back.
//
// A capture is the magic, then records, one after another. A record is its
// kind (one byte), the length of its body (uvarint), and the body. The first is
// the header, JSON. Each of the others is a frame: the moment it was taken
// (varint, milliseconds since 1970), then a zstd frame of sections. A section is
// its tag (uvarint), its length (uvarint), and so many bytes. Numbers are
// little-endian or varints, whatever machine wrote them. Readers skip records
// and sections that they do not know.
//
// A key frame stands for itself; other frames say what changed since the frame
// before. A TIME_WAIT is written when it appears, with the deadline that was
// fixed then, and leaves by itself: once its deadline is past, all that is
// written is which of those that are due are gone. A frame is complete once it
// is written, so a recording that was cut off ends with its last whole frame;
// and the lengths of the records are index enough to find any of them.
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
