package diagnosis

import (
	"fmt"
	"net/netip"
	"time"
)

// Wanted is how many ports somebody wants to be free, and towards where.
type Wanted struct {
	// To is the destination; the zero value is every one. One that holds no
	// port has all of them free.
	To netip.AddrPort
	// Free is how many further connect() calls must be granted, reuse left out
	// (PortUse.Free); 0 is half the capacity, where connect() is fast again.
	Free int
}

// Shortfall is how far a report is from what is wanted.
type Shortfall struct {
	// Destination is the index in Report.Destinations of the one that has
	// fewest, -1 where none holds any of the ports.
	Destination int
	Free        int // that it has
	Wanted      int // that it should have
	// In is when as many have come back if nobody takes or closes any, by the
	// timers; nil where they do not tell that.
	In *time.Duration
}

// Met reports whether all that is wanted is there.
func (s Shortfall) Met() bool { return s.Free >= s.Wanted }

// Check holds r against what is wanted. The error says that it can never be had.
func (w Wanted) Check(r *Report) (Shortfall, error) {
	free := max(w.Free, 1)
	if w.Free == 0 {
		free = max(r.Ports.Capacity/2, 1)
	}
	s := Shortfall{Destination: -1, Free: r.Ports.Capacity, Wanted: free}
	if most := r.Ports.Size - r.Ports.Reserved; w.Free > most {
		return s, fmt.Errorf("%s can never be free: %v has %s that are not reserved", Plural(w.Free, "port"), r.Ports.Range, Grouped(most))
	}
	for i := range r.Destinations {
		d := &r.Destinations[i]
		if w.To.IsValid() && d.Remote != w.To || d.Ports.Free >= s.Free {
			continue
		}
		s.Destination, s.Free = i, d.Ports.Free
	}
	if s.Destination >= 0 && !s.Met() {
		s.In = r.Destinations[s.Destination].freeIn(free)
	}
	return s, nil
}

// freeIn is when so many ports are free if nothing but the timers moves.
func (d *Destination) freeIn(wanted int) *time.Duration {
	if d.Releases == nil {
		return nil
	}
	free := d.Ports.Free
	for second, n := range d.Releases {
		if free += int(n); free >= wanted {
			in := time.Duration(second+1+late) * time.Second
			return &in
		}
	}
	return nil
}
