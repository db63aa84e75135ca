// Package source is the vocabulary of twtop: what one look at a host's TCP
// sockets contains (Snapshot), and where such looks come from (Source).
//
// It imports the standard library only. The packages below it turn kernel
// bytes, captures and pasted text into Entries; a Builder turns Entries into a
// Snapshot; package diagnosis turns Snapshots into answers.
package source
