package diagnosis

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// String names the owner: "nginx (pid 2873, nginx.service)".
func (o *Owner) String() string { return processWords(&o.Process, 1) }

// processWords names a process, or so many of one name.
func processWords(p *source.Process, n int) string {
	who := p.Name
	var about []string
	switch {
	case p.PID > 0 && n > 1:
		about = append(about, Grouped(n)+" processes")
	case p.PID > 0 && who == "":
		who = fmt.Sprintf("process %d", p.PID)
	case p.PID > 0:
		about = append(about, fmt.Sprintf("pid %d", p.PID))
	case p.User != "":
		who = "user " + p.User
	default:
		who = fmt.Sprintf("uid %d", p.UID)
	}
	switch c := &p.Container; {
	case c.ID != "":
		about = append(about, c.Short())
	case c.Pod != "":
		about = append(about, "pod "+c.Pod)
	}
	if p.Unit != "" {
		about = append(about, p.Unit)
	}
	if len(about) == 0 {
		return who
	}
	return who + " (" + strings.Join(about, ", ") + ")"
}

// MainOwner is who has most of the connections, processes of one name and place
// taken together.
type MainOwner struct {
	Who     string // "nginx (4 processes, nginx.service)"
	Name    string // "nginx"
	Unit    string // "nginx.service", "" where there is none
	Share   float64
	Basis   OwnerBasis
	Samples int
}

// basisWords say how an owner is known.
var basisWords = map[OwnerBasis]string{
	OwnerNow: "of those open now", OwnerSampled: "sampled", OwnerSameDestination: "as nobody else connects to it",
}

// String is "nginx (pid 2873, nginx.service): 98 % of 412 samples".
func (m *MainOwner) String() string {
	if m.Basis == OwnerSampled {
		return fmt.Sprintf("%s: %.0f %% of %s", m.Who, 100*m.Share, Plural(m.Samples, "sample"))
	}
	return fmt.Sprintf("%s: %.0f %% %s", m.Who, 100*m.Share, basisWords[m.Basis])
}

// kindOfOwner is what processes have in common that are told together.
type kindOfOwner struct {
	name  string
	uid   uint32
	place source.Place
}

func kindOf(p *source.Process) kindOfOwner { return kindOfOwner{p.Name, p.UID, p.Place} }

// Main tells who has most of the connections. ok is false where nobody is known,
// or more is unknown than that.
func (o *Owners) Main() (m MainOwner, ok bool) {
	if o == nil {
		return m, false
	}
	sums, n := map[kindOfOwner]MainOwner{}, map[kindOfOwner]int{}
	for i := range o.All {
		w := &o.All[i]
		k := kindOf(&w.Process)
		sum := sums[k]
		if n[k] == 0 { // the largest comes first
			sum.Basis = w.Basis
		}
		sum.Share += w.Share
		sum.Samples += w.Samples
		sums[k] = sum
		n[k]++
	}
	for i := range o.All { // in their order, so that equals do not change places
		p := &o.All[i].Process
		if sum := sums[kindOf(p)]; sum.Share > m.Share {
			m = sum
			m.Who, m.Name, m.Unit = processWords(p, n[kindOf(p)]), p.Name, p.Unit
		}
	}
	return m, m.Who != "" && m.Share > o.Unknown
}

// OwnerWords names who is behind the destination, and their share; "" if unknown.
func (d *Destination) OwnerWords() (who string, share float64) {
	if m, ok := d.Owners.Main(); ok {
		return m.Who, m.Share
	}
	return "", 0
}

// openedBy is who opens the connections, in a sentence; "" if unknown.
func openedBy(d *Destination) string {
	m, ok := d.Owners.Main()
	if !ok {
		return ""
	}
	return "Opened by " + m.String() + "."
}
