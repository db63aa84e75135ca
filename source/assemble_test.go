package source

import (
	"reflect"
	"testing"
)

func assembled(t *testing.T) (*Snapshot, Parts) {
	t.Helper()
	held := conn("10.0.0.1:40000", "10.0.0.2:80", StateEstablished)
	held.Detail = Detail{Has: HasInode, Inode: 77}
	orphan := conn("10.0.0.1:80", "10.0.0.9:40001", StateLastAck)
	orphan.Detail = Detail{Has: HasInode}
	s := build(NewBuilder(), 5000, []Listener{listen("0.0.0.0:80")},
		held, orphan, conn("10.0.0.1:40001", "10.0.0.2:80", StateTimeWait))
	return s, s.Parts()
}

func TestPartsFitTogetherAgain(t *testing.T) {
	s, p := assembled(t)
	again := &Snapshot{Clock: s.Clock, Range: s.Range, RangeKnown: true, Listeners: s.Listeners}
	if err := again.Assemble(p); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, again) {
		t.Errorf("%+v\nis not\n%+v", again, s)
	}
	p.Flows[0].Port, p.Sockets[0].Port, p.Details[0].Inode = 1, 1, 1
	if s.Flows[0].Port == 1 || s.Sockets[0].Port == 1 || s.details[0].Inode == 1 {
		t.Error("the parts are the snapshot's own")
	}
}

func TestPartsThatDoNotFit(t *testing.T) {
	for name, spoil := range map[string]func(*Parts){
		"a count is missing":       func(p *Parts) { p.Counts = p.Counts[1:] },
		"a count is negative":      func(p *Parts) { p.Counts[0] = -1 },
		"more sockets than are":    func(p *Parts) { p.Counts[0]++ },
		"fewer sockets than are":   func(p *Parts) { p.Counts[0]-- },
		"a listener that is not":   func(p *Parts) { p.Flows[0].Listener = 1 },
		"a listener before all":    func(p *Parts) { p.Flows[0].Listener = -2 },
		"a detail too few":         func(p *Parts) { p.Details = p.Details[1:] },
		"a detail too many":        func(p *Parts) { p.Details = append(p.Details, Detail{}) },
		"a mini-socket that grows": func(p *Parts) { p.Sockets[1].State = StateEstablished },
	} {
		s, p := assembled(t)
		spoil(&p)
		if err := (&Snapshot{Listeners: s.Listeners}).Assemble(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
