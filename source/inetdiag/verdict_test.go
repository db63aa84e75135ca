package inetdiag

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/359a26c5/twtop/source"
)

// parse runs a Parser over datagrams of one dump.
func parse(seq uint32, datagrams ...[]byte) verdict {
	var p Parser
	p.Reset(seq)
	var v verdict
	for _, d := range datagrams {
		done, err := p.Parse(d, func(e *source.Entry) { v.entries = append(v.entries, *e) })
		v.done = v.done || done
		var e *Error
		if errors.As(err, &e) {
			v.errno = int(e.Errno)
		}
		if done || err != nil {
			break
		}
	}
	v.interrupted, v.short, v.stale, v.foreign = p.Interrupted, p.Short, p.Stale, p.Foreign
	v.unknownStates, v.unknownAttrs = p.UnknownStates, p.UnknownAttrs
	return v
}

// slow is parse by the oracle.
func slow(seq uint32, datagrams ...[]byte) verdict {
	o := oracle{seq: seq}
	for _, d := range datagrams {
		if o.datagram(d); o.done || o.errno != 0 {
			break
		}
	}
	return o.verdict
}

var exactly = cmp.AllowUnexported(verdict{}, source.Addr{})

// agree holds the fast decoder against the slow one and returns what both say.
func agree(t *testing.T, seq uint32, datagrams ...[]byte) verdict {
	t.Helper()
	v := parse(seq, datagrams...)
	if diff := cmp.Diff(slow(seq, datagrams...), v, exactly); diff != "" {
		t.Errorf("the decoders differ (-slow +fast):\n%s", diff)
	}
	return v
}
