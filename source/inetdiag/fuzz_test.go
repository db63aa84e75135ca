package inetdiag

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// seeds are the recorded messages of one dump, alone and with the one that
// followed, and what kernels seldom send. Whole datagrams would keep the
// fuzzer busy shortening them.
func seeds(f *testing.F) {
	list := messages(f, recording(f, "compat"))
	for i, m := range list {
		f.Add(m, uint32(recordedSeq))
		f.Add(slices.Concat(m, list[(i+1)%len(list)]), uint32(recordedSeq))
	}
	for _, d := range [][]byte{
		message(typeDone, flagDumpIntr, 1, int32(-12)),
		message(typeError, 0, 1, int32(-2), nlMsgHdr{}),
		message(typeOverrun, 0, 1),
		message(typeByFamily, 2, 1, diag(99, client, server), attr(70), attr(attrInfo, uint32(1)), attr(attrProtocol, uint8(17))),
	} {
		f.Add(d, uint32(1))
	}
}

// FuzzParse holds that a Parser ends, keeps within the datagram and within
// what a datagram of its length can hold. It is used for a second datagram, as
// live does.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte, seq uint32) {
		// A slice of a larger array, so that reading on shows.
		wide := append(slices.Clone(b), slices.Repeat([]byte{0xee}, 256)...)
		var p Parser
		p.Reset(seq)
		n := 0
		emit := func(e *source.Entry) {
			n++
			if e.Timer > source.TimerUnknown || e.State == source.StateClose {
				t.Errorf("got %+v", e)
			}
		}
		for range 2 {
			_, _ = p.Parse(wide[:len(b)], emit)
		}
		if most := 2 * (len(b)/(sizeofHeader+sizeofMsg) + 1); n > most || n != p.Sockets {
			t.Errorf("%d sockets from %d bytes, counted %d", n, len(b), p.Sockets)
		}
	})
}

// FuzzEquivalence holds the fast decoder against the slow one.
func FuzzEquivalence(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte, seq uint32) {
		fast, plain := parse(seq, b), slow(seq, b)
		if diff := cmp.Diff(plain, fast, exactly); diff != "" {
			t.Errorf("the decoders differ (-slow +fast):\n%s", diff)
		}
	})
}
