package report

import (
	"math"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// Schema names the shape of the JSON. Fields may be added to it; those that
// are there keep their name and meaning.
const Schema = "twtop.snapshot/1"

type hostShape struct {
	Name   *string `json:"name"`
	Kernel *string `json:"kernel"`
	NetNS  *string `json:"netns"`
}

type socketsShape struct {
	Total    int            `json:"total"`
	ByState  everyState     `json:"by_state"`
	Change   map[string]int `json:"change"` // since the frame before; null on the first
	Orphaned *int           `json:"orphaned"`
}

// everyState has every state, also those with no socket in them.
type everyState struct {
	Established   uint32  `json:"established"`
	SynSent       uint32  `json:"syn_sent"`
	SynRecv       uint32  `json:"syn_recv"`
	FinWait1      uint32  `json:"fin_wait1"`
	FinWait2      uint32  `json:"fin_wait2"`
	TimeWait      uint32  `json:"time_wait"`
	Close         uint32  `json:"close"`
	CloseWait     uint32  `json:"close_wait"`
	LastAck       uint32  `json:"last_ack"`
	Listen        uint32  `json:"listen"`
	Closing       uint32  `json:"closing"`
	BoundInactive *uint32 `json:"bound_inactive"` // null where the source cannot show any
	Unknown       uint32  `json:"unknown,omitempty"`
}

func shapeEveryState(r *diagnosis.Report) everyState {
	c := &r.States
	bound := &c[source.StateBoundInactive]
	if s := r.Snapshot; s.Kind == source.KindProc || s.Kind == source.KindCapture && s.Origin == source.KindProc {
		bound = nil // /proc/net/tcp has no such sockets, recorded ones neither
	}
	return everyState{
		Established: c[source.StateEstablished], SynSent: c[source.StateSynSent],
		SynRecv:  c[source.StateSynRecv] + c[source.StateNewSynRecv],
		FinWait1: c[source.StateFinWait1], FinWait2: c[source.StateFinWait2],
		TimeWait: c[source.StateTimeWait], Close: c[source.StateClose],
		CloseWait: c[source.StateCloseWait], LastAck: c[source.StateLastAck],
		Listen: c[source.StateListen], Closing: c[source.StateClosing],
		BoundInactive: bound, Unknown: c[0],
	}
}

// rowStates are the states of one row: the two that every row has, and of the
// others those that occur.
type rowStates struct {
	Established uint32 `json:"established"`
	SynSent     uint32 `json:"syn_sent,omitempty"`
	SynRecv     uint32 `json:"syn_recv,omitempty"`
	FinWait1    uint32 `json:"fin_wait1,omitempty"`
	FinWait2    uint32 `json:"fin_wait2,omitempty"`
	TimeWait    uint32 `json:"time_wait"`
	Close       uint32 `json:"close,omitempty"`
	CloseWait   uint32 `json:"close_wait,omitempty"`
	LastAck     uint32 `json:"last_ack,omitempty"`
	Closing     uint32 `json:"closing,omitempty"`
	Unknown     uint32 `json:"unknown,omitempty"`
}

func shapeRowStates(c *source.StateCounts) rowStates {
	return rowStates{
		Established: c[source.StateEstablished], SynSent: c[source.StateSynSent],
		SynRecv:  c[source.StateSynRecv] + c[source.StateNewSynRecv],
		FinWait1: c[source.StateFinWait1], FinWait2: c[source.StateFinWait2],
		TimeWait: c[source.StateTimeWait], Close: c[source.StateClose],
		CloseWait: c[source.StateCloseWait], LastAck: c[source.StateLastAck],
		Closing: c[source.StateClosing], Unknown: c[0],
	}
}

type timeWaitShape struct {
	Outbound   int  `json:"outbound"`
	Inbound    int  `json:"inbound"`
	Reusable   *int `json:"reusable"`
	MaxBuckets *int `json:"max_buckets"`
}

type rangeShape struct {
	Low      uint16 `json:"low"`
	High     uint16 `json:"high"`
	Size     int    `json:"size"`
	Reserved int    `json:"reserved"`
	Bound    int    `json:"bound"`
	Capacity int    `json:"capacity"`
	Assumed  bool   `json:"assumed"` // the source did not tell the range
}

type destinationShape struct {
	Local                 string         `json:"local"`
	Remote                string         `json:"remote"`
	Device                uint32         `json:"device,omitempty"` // tells link-local rows apart
	ByState               rowStates      `json:"by_state"`
	Ports                 portsShape     `json:"ports"`
	Closes                closesShape    `json:"closes_per_second"`
	Releases              *seriesShape   `json:"releases"`
	FirstReleaseInSeconds *float64       `json:"first_release_in_seconds"`
	Demand                *demandShape   `json:"demand_per_second"`
	Forecast              *forecastShape `json:"forecast"`
	Owners                []ownerShape   `json:"owners"`
	OwnersUnknownShare    *float64       `json:"owners_unknown_share"`
}

type seriesShape = diagnosis.Series

type portsShape struct {
	Capacity        int     `json:"capacity"`
	Used            int     `json:"used"`
	Free            int     `json:"free"`
	FreeExact       bool    `json:"free_exact"`
	Reusable        *int    `json:"reusable"`
	PressurePercent float64 `json:"pressure_percent"`
	SlowConnect     bool    `json:"slow_connect"`
}

type closesShape struct {
	Last    *int         `json:"last"`
	History *seriesShape `json:"history"`
}

func shapeDestination(d *diagnosis.Destination) destinationShape {
	s := destinationShape{
		Local: d.Local.String(), Remote: d.Remote.String(), Device: d.Device,
		ByState: shapeRowStates(&d.States),
		Ports: portsShape{
			Capacity: d.Ports.Capacity, Used: d.Ports.Used, Free: d.Ports.Free, FreeExact: d.Ports.FreeExact,
			Reusable: d.Ports.Reusable, PressurePercent: tenths(d.Ports.Pressure), SlowConnect: d.Ports.SlowConnect,
		},
		Closes:   closesShape{Last: d.ClosesLast, History: d.Closes},
		Releases: d.Releases,
		Demand:   shapeDemand(d.Demand),
		Forecast: shapeForecast(d.Forecast),
	}
	s.Owners, s.OwnersUnknownShare = shapeOwners(d.Owners)
	if d.NextRelease != nil {
		in := max(0, math.Round(d.NextRelease.Seconds()*1000)/1000)
		s.FirstReleaseInSeconds = &in
	}
	return s
}

// tenths rounds down to one decimal, so that 100 is said of nothing that still
// has a port left.
func tenths(percent float64) float64 { return math.Floor(percent*10+1e-6) / 10 }

type serviceShape struct {
	Local       string    `json:"local"`
	Device      uint32    `json:"device,omitempty"`
	Sockets     int       `json:"sockets"`
	Gone        bool      `json:"gone"`
	ByState     rowStates `json:"by_state"`
	AcceptQueue *int      `json:"accept_queue"`
	Backlog     *int      `json:"backlog"`
	// The listening socket nearest to overflow; the two above are sums.
	WorstQueue   *int         `json:"worst_accept_queue"`
	WorstBacklog *int         `json:"worst_backlog"`
	Owners       []ownerShape `json:"owners"`
}

func shapeService(s *diagnosis.Service) serviceShape {
	owners, _ := shapeOwners(s.Owners)
	return serviceShape{
		Local: s.Local.String(), Device: s.Device, Sockets: s.Sockets, Gone: s.Gone,
		ByState: shapeRowStates(&s.States), AcceptQueue: s.AcceptQueue, Backlog: s.Backlog,
		WorstQueue: s.WorstQueue, WorstBacklog: s.WorstBacklog,
		Owners: owners,
	}
}

type sysctlShape struct {
	Key         string  `json:"key"`
	Value       *string `json:"value"` // null: this kernel has no such key, or it could not be read
	Recommended *string `json:"recommended"`
	Scope       string  `json:"scope"`
	Summary     string  `json:"summary"`
	Why         *string `json:"why"`
	Risk        *string `json:"risk"`
}

// shapeSysctl has what a plan says of the key, or that it stays as it is.
func shapeSysctl(k *sysctl.Key, s *source.Snapshot, plan *sysctl.Plan) sysctlShape {
	v, ok := s.Sysctl(k.Name)
	v = strings.TrimSpace(source.Clean(v, valueLimit))
	a := plan.Advice(k.Name, v, ok)
	out := sysctlShape{Key: k.Name, Scope: string(k.Scope), Summary: k.Summary, Why: told(a.Why), Risk: told(a.Risk)}
	if ok {
		out.Value = &v
	}
	if a.Known {
		a.Recommended = sentence(a.Recommended)
		out.Recommended = &a.Recommended
	}
	return out
}

// valueLimit bounds, in bytes, a sysctl's value: every second port reserved is
// an ip_local_reserved_ports of 185 KiB.
const valueLimit = 256 << 10

type costShape struct {
	WallSeconds float64 `json:"wall_seconds"`
	CPUSeconds  float64 `json:"cpu_seconds"`
	Interrupted bool    `json:"interrupted"`
}
