package report

import (
	"bytes"
	"io"

	"github.com/359a26c5/twtop/source"
)

// SchemaMany names the shape of the JSON of several namespaces.
const SchemaMany = "twtop.snapshots/1"

// JSONMany writes all as one object, each namespace as JSON would with what it
// is added as "namespace", and gaps, which are about the namespaces as a whole.
func JSONMany(w io.Writer, all []Look, gaps []string) error {
	d := newDocument(w)
	d.field("schema", SchemaMany)
	d.name("namespaces")
	sep := "[\n"
	for i := range all {
		d.text(sep)
		sep = ",\n"
		d.text("{\n  \"namespace\": ")
		d.put(shapeNamespace(&all[i].Namespace))
		d.text(",\n")
		if d.err == nil {
			d.err = JSON(&inner{w: d.w}, all[i].Report)
		}
	}
	d.text(map[bool]string{true: "[]", false: "\n]"}[len(all) == 0])
	list(d, "gaps", gaps, func(g *string) string { return sentence(*g) })
	return d.end()
}

// inner is a writer of what follows an object's first line, without the line
// feed after its end.
type inner struct {
	w       io.Writer
	skipped int
	held    bool // a line feed
}

// opening is how a document begins.
const opening = "{\n"

func (n *inner) Write(b []byte) (int, error) {
	size := len(b)
	skip := min(len(opening)-n.skipped, len(b))
	n.skipped += skip
	b = b[skip:]
	if n.held && len(b) > 0 {
		b, n.held = append([]byte{'\n'}, b...), false
	}
	if bytes.HasSuffix(b, []byte{'\n'}) {
		b, n.held = b[:len(b)-1], true
	}
	if _, err := n.w.Write(b); err != nil {
		return 0, err
	}
	return size, nil
}

type namespaceShape struct {
	Name      string         `json:"name"` // the shortest that a person knows it by
	Inode     *uint64        `json:"inode"`
	Cookie    *uint64        `json:"cookie"`
	Names     []string       `json:"names"`
	Mounts    []string       `json:"mounts"`
	Processes []processShape `json:"processes"` // examples, one of each name
	Members   int            `json:"members"`
	Container *placeShape    `json:"container"`
	Own       bool           `json:"own"`
	Host      bool           `json:"host"`
}

type processShape struct {
	PID  int     `json:"pid"`
	Name *string `json:"name"`
}

type placeShape struct {
	ID      string  `json:"id"`
	Runtime *string `json:"runtime"`
	Pod     *string `json:"pod"`
}

func shapeNamespace(n *source.Namespace) namespaceShape {
	s := namespaceShape{
		Name: clean(n.String()), Inode: unlessZero(n.Inode), Cookie: unlessZero(n.Cookie),
		Names: cleanAll(n.Names), Mounts: cleanAll(n.Mounts), Processes: []processShape{},
		Members: n.Members, Own: n.Own, Host: n.First,
	}
	for _, p := range n.Processes {
		s.Processes = append(s.Processes, processShape{p.PID, known(p.Name)})
	}
	if c := n.Container; c.ID != "" {
		s.Container = &placeShape{clean(c.ID), known(c.Runtime), known(c.Pod)}
	}
	return s
}

func unlessZero(n uint64) *uint64 {
	if n == 0 {
		return nil
	}
	return &n
}

func cleanAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}
