package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// JSON writes r to w in the shape that Schema names, one destination, service
// or sysctl a line, without holding more than one of them in memory. The error
// is w's.
func JSON(w io.Writer, r *diagnosis.Report) error {
	d := newDocument(w)
	s := r.Snapshot
	d.field("schema", Schema)
	d.field("taken_at", takenAt(s.Taken))
	d.field("source", string(s.Kind))
	d.field("host", hostShape{Name: known(s.Host.Name), Kernel: known(s.Host.Kernel), NetNS: known(s.Host.NetNS)})
	d.field("headline", shapeHeadline(r))
	d.field("sockets", shapeSockets(r))
	d.field("time_wait", timeWaitShape(r.TimeWait))
	d.field("port_range", shapeRange(&r.Ports))
	list(d, "destinations", r.Destinations, shapeDestination)
	list(d, "services", r.Services, shapeService)
	plan := sysctl.NewPlan(sysctl.FactsOf(s, r.Needs()))
	list(d, "sysctls", sysctl.Catalogue(), func(k *sysctl.Key) sysctlShape { return shapeSysctl(k, s, &plan) })
	list(d, "findings", r.Findings, shapeFinding)
	list(d, "gaps", r.Gaps, func(g *string) string { return source.Clean(*g, valueLimit) })
	d.field("cost", costShape{s.Cost.Wall.Seconds(), s.Cost.CPU.Seconds(), s.Cost.Interrupted})
	return d.end()
}

// takenAt is nil for a source that does not know when it was taken.
func takenAt(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

func shapeSockets(r *diagnosis.Report) socketsShape {
	out := socketsShape{Total: r.States.Total(), ByState: shapeEveryState(r)}
	if r.Snapshot.Kind != source.KindText { // text tells no inode
		out.Orphaned = &r.Snapshot.Orphans
	}
	if r.Change != nil {
		out.Change = map[string]int{}
		for _, s := range source.ReportedStates {
			out.Change[s.Key()] = r.Change[s]
		}
	}
	return out
}

func shapeRange(p *diagnosis.PortTotals) rangeShape {
	return rangeShape{
		Low: p.Range.Low, High: p.Range.High, Size: p.Size,
		Reserved: p.Reserved, Bound: p.Bound, Capacity: p.Capacity, Assumed: p.Assumed,
	}
}

// document writes one JSON object, field by field. After an error it writes
// nothing more; end tells.
type document struct {
	w     *bufio.Writer
	value bytes.Buffer
	enc   *json.Encoder
	sep   string
	err   error
}

func newDocument(w io.Writer) *document {
	d := &document{w: bufio.NewWriterSize(w, 64<<10), sep: "{\n"}
	d.enc = json.NewEncoder(&d.value)
	d.enc.SetEscapeHTML(false)
	return d
}

func (d *document) field(name string, value any) {
	d.name(name)
	d.put(value)
}

func (d *document) name(name string) {
	d.text(d.sep)
	d.sep = ",\n"
	d.text(`  "` + name + `": `)
}

// list writes items as an array, [] where there are none, each in the shape
// that it is given.
func list[T, S any](d *document, name string, items []T, shape func(*T) S) {
	d.name(name)
	sep := "[\n    "
	for i := range items {
		if d.err != nil {
			return
		}
		d.text(sep)
		sep = ",\n    "
		d.put(shape(&items[i]))
	}
	if len(items) == 0 {
		d.text("[]")
		return
	}
	d.text("\n  ]")
}

// put encodes value without the line feed that the Encoder ends it with.
func (d *document) put(value any) {
	if d.err != nil {
		return
	}
	d.value.Reset()
	if err := d.enc.Encode(value); err != nil {
		d.err = fmt.Errorf("write %T as JSON: %w", value, err)
		return
	}
	_, d.err = d.w.Write(d.value.Bytes()[:d.value.Len()-1])
}

func (d *document) text(s string) {
	if d.err == nil {
		_, d.err = d.w.WriteString(s)
	}
}

func (d *document) end() error {
	d.text("\n}\n")
	if d.err != nil {
		return d.err
	}
	return d.w.Flush()
}
