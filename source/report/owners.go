package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// ownerShape is a process with its share of a row's connections. Where only the
// user or the cgroup of the sockets is known, pid and name are null.
type ownerShape struct {
	PID       *int            `json:"pid"`
	Name      *string         `json:"name"`
	UID       uint32          `json:"uid"`
	User      *string         `json:"user"`
	Started   *string         `json:"started"`
	Unit      *string         `json:"unit"`
	Container *containerShape `json:"container"`
	Share     float64         `json:"share"`
	Basis     string          `json:"basis"` // now, sampled, same_destination
	Samples   int             `json:"samples"`
}

type containerShape struct {
	ID      *string `json:"id"`
	Runtime *string `json:"runtime"`
	Pod     *string `json:"pod_uid"`
}

// shapeOwners is empty, and the unknown share null, where nobody looked.
func shapeOwners(o *diagnosis.Owners) (all []ownerShape, unknown *float64) {
	all = []ownerShape{}
	if o == nil {
		return all, nil
	}
	for i := range o.All {
		all = append(all, shapeOwner(&o.All[i]))
	}
	u := thousandths(o.Unknown)
	return all, &u
}

func shapeOwner(o *diagnosis.Owner) ownerShape {
	p := &o.Process
	s := ownerShape{
		Name: orNull(p.Name), UID: p.UID, User: orNull(p.User), Unit: orNull(p.Unit),
		Share: thousandths(o.Share), Basis: string(o.Basis), Samples: o.Samples,
	}
	if p.PID > 0 {
		pid := p.PID
		s.PID = &pid
	}
	if !p.Born.IsZero() {
		born := p.Born.UTC().Format(time.RFC3339)
		s.Started = &born
	}
	if c := p.Container; c != (source.Container{}) {
		s.Container = &containerShape{ID: orNull(c.ID), Runtime: orNull(c.Runtime), Pod: orNull(c.Pod)}
	}
	return s
}

// orNull cleans s, which may be of a capture; nil is "".
func orNull(s string) *string {
	const longest = 255
	if s = source.Clean(s, longest); s == "" {
		return nil
	}
	return &s
}

func thousandths(share float64) float64 { return math.Round(share*1000) / 1000 }

// ownersTold is how many owners of a destination are told in words.
const ownersTold = 3

// basisWords say how an owner is known.
var basisWords = map[diagnosis.OwnerBasis]string{
	diagnosis.OwnerNow:             "it has them open",
	diagnosis.OwnerSampled:         "seen before they were closed",
	diagnosis.OwnerSameDestination: "the only process that talks to it",
}

// ownersLine tells whose the connections are, "" where nobody looked.
func ownersLine(o *diagnosis.Owners) string {
	if o == nil || len(o.All) == 0 {
		return ""
	}
	var parts []string
	for i := range o.All[:min(len(o.All), ownersTold)] {
		w := &o.All[i]
		parts = append(parts, fmt.Sprintf("%s %.0f%% (%s)", clean(w.String()), 100*w.Share, basisWords[w.Basis]))
	}
	line := "opened by: " + strings.Join(parts, "; ")
	if n := len(o.All) - ownersTold; n > 0 {
		line += fmt.Sprintf("; %s more", count(n))
	}
	if o.Unknown >= 0.005 {
		line += fmt.Sprintf("; of %.0f%% it is not known", 100*o.Unknown)
	}
	return line
}
