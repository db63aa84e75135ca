package capture

// A list is told by what it keeps of the one before: pieces, each of which
// leaves out so many rows, takes over so many, and adds so many new ones. Both
// lists are sorted alike, so a few pieces do, and no row is taken over twice.

// listOut writes now; write is how a row is written.
func listOut[T any](now, before []T, write func(*out, *T)) *out {
	rows, old := rowsOf(now, write), rowsOf(before, write)
	places := make(map[string]int, len(old))
	for i := len(old) - 1; i >= 0; i-- {
		places[old[i]] = i
	}
	o := new(out)
	at := 0 // in old
	for i := 0; i < len(rows); {
		from, kept := at, 0
		if p, ok := places[rows[i]]; ok && p >= at {
			from = p
		}
		for i < len(rows) && from+kept < len(old) && rows[i] == old[from+kept] {
			i, kept = i+1, kept+1
		}
		first := i
		for i < len(rows) && !isAt(places, rows[i], from+kept, old) {
			i++
		}
		o.uint(uint64(from - at))
		o.uint(uint64(kept))
		o.uint(uint64(i - first))
		for _, r := range rows[first:i] {
			o.uint(uint64(len(r)))
			o.b = append(o.b, r...)
		}
		at = from + kept
	}
	return o
}

// isAt reports whether the row can be taken over from old, at or after at.
func isAt(places map[string]int, row string, at int, old []string) bool {
	p, ok := places[row]
	return ok && p >= at || at < len(old) && old[at] == row
}

func rowsOf[T any](list []T, write func(*out, *T)) []string {
	rows := make([]string, len(list))
	var o out
	for i := range list {
		o.b = o.b[:0]
		write(&o, &list[i])
		rows[i] = string(o.b)
	}
	return rows
}

// listIn reads a list; what a later version added to a row stays unread. It is
// never nil, and has no more rows than before has and bytes tell of.
func listIn[T any](before []T, i *in, read func(*in) T) []T {
	now := []T{}
	for i.more() {
		skip, kept, added := i.uint(), i.uint(), i.uint()
		if n := uint64(len(before)); skip > n || kept > n-skip {
			i.fail()
			return now
		}
		now = append(now, before[skip:skip+kept]...)
		before = before[skip+kept:]
		for ; added > 0 && i.err == nil; added-- {
			i.row(func(r *in) { now = append(now, read(r)) })
		}
		if len(now) > maxSockets {
			i.fail()
		}
	}
	return now
}
