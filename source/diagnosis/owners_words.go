package diagnosis

import (
	"fmt"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// shortID is how much of a container's id is shown, as docker ps does.
const shortID = 12

// String names the owner: "nginx (2873, nginx.service)".
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
		about = append(about, fmt.Sprint(p.PID))
	case p.User != "":
		who = "user " + p.User
	default:
		who = fmt.Sprintf("uid %d", p.UID)
	}
	switch c := &p.Container; {
	case c.ID != "":
		about = append(about, strings.TrimSpace(c.Runtime+" "+c.ID[:min(len(c.ID), shortID)]))
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

// Main names who has most of the connections, processes of one name and place
// taken together: "nginx (4 processes, nginx.service)", and their share. It is
// "" where nobody is known, or more is unknown than that.
func (o *Owners) Main() (who string, share float64) {
	if o == nil {
		return "", 0
	}
	type kind struct {
		name  string
		uid   uint32
		place source.Place
	}
	sum, n := map[kind]float64{}, map[kind]int{}
	var most *source.Process
	for i := range o.All {
		p := &o.All[i].Process
		k := kind{p.Name, p.UID, p.Place}
		sum[k] += o.All[i].Share
		n[k]++
	}
	count := 0
	for i := range o.All { // in their order, so that equals do not change places
		p := &o.All[i].Process
		k := kind{p.Name, p.UID, p.Place}
		if sum[k] > share {
			most, share, count = p, sum[k], n[k]
		}
	}
	if most == nil || share <= o.Unknown {
		return "", 0
	}
	return processWords(most, count), share
}

// OwnerWords names who is behind the destination, and their share; "" if unknown.
func (d *Destination) OwnerWords() (who string, share float64) { return d.Owners.Main() }
