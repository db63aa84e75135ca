package ui

import (
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/sysctl"
)

// What became of each key, and since an apply of the ports.
//
//	━ APPLIED ━ u puts it back · P makes it last ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//	  set       net.ipv4.tcp_tw_reuse  0 → 1
//
//	  SINCE THEN
//	  127.0.0.1 → 127.0.0.1:4001: free 0 → 26,310, failing stopped

func outcomeSheet(msg doneMsg, persistable bool, courses func() []diagnosis.Course) sheet {
	x := sheet{title: deedWords[msg.deed].done, about: deedWords[msg.deed].next}
	if msg.deed == deedApply && persistable {
		x.about += " · P makes it last"
	}
	if msg.err != nil {
		x.title, x.about, x.alarm = deedWords[msg.deed].failed, "what failed, and what was put back", true
	}
	x.write = func(d *document) {
		if msg.err != nil {
			d.put(piece{inkBadgeCritical, " FAILED "}, inkCritical, failure(msg.err), 0)
			d.blank()
		}
		for i := range msg.result.Done {
			d.done(&msg.result.Done[i])
		}
		for _, w := range msg.result.Warnings {
			d.put(piece{inkWarning, "mind"}, inkWarning, shown(w), 0)
		}
		if msg.err == nil && msg.deed == deedApply {
			d.courses(courses())
		}
	}
	return x
}

// deedWords are the headings of an outcome, and what is said where there is
// nothing to do.
var deedWords = [...]struct{ done, failed, next, none, nothing string }{
	deedApply: {done: "APPLIED", failed: "NOT APPLIED", next: "Esc goes back · u puts it back"},
	deedUndo:  {"UNDONE", "NOT ALL UNDONE", "Esc goes back", "UNDO", sysctl.ErrNothingToUndo.Error()},
	deedPersist: {"PERSISTED", "NOT PERSISTED", "Esc goes back · u takes it out again",
		"PERSIST", "nothing to persist: twtop has set nothing here since the host was started"},
}

// outcomeWidth is that of the longest outcome.
const outcomeWidth = len(sysctl.OutcomeTaken)

var outcomeInks = map[sysctl.Outcome]ink{
	sysctl.OutcomeSet: inkOK, sysctl.OutcomePutBack: inkOK, sysctl.OutcomeUnchanged: inkDim,
	sysctl.OutcomeTaken: inkWarning, sysctl.OutcomeKept: inkWarning, sysctl.OutcomeFailed: inkCritical,
}

// done writes what was done to one key or line.
func (d *document) done(x *sysctl.Done) {
	name := shown(x.Key)
	if x.File {
		name += " in " + dropInPath()
	}
	mark := piece{outcomeInks[x.Outcome], string(x.Outcome)}
	for width(mark.text) < outcomeWidth {
		mark.text += " "
	}
	d.put(mark, inkStrong, name, 0)
	switch x.Outcome {
	case sysctl.OutcomeTaken, sysctl.OutcomeKept, sysctl.OutcomeUnchanged: // the note says what stays
	default:
		text := change(x.From, x.To)
		if x.File && x.To == "" {
			text = shown(x.From) + " taken out"
		}
		d.put(piece{}, inkPlain, text, outcomeWidth+1)
	}
	if x.Note != "" {
		d.put(piece{}, inkWarning, shown(x.Note), outcomeWidth+1)
	}
}

// courses writes what became of the destinations since.
func (d *document) courses(all []diagnosis.Course) {
	if len(all) == 0 {
		return
	}
	d.title("SINCE THEN")
	for i := range all {
		c := &all[i]
		k := inkOK
		if c.Failing {
			k = inkCritical
		}
		if c.Ports != "" {
			d.put(piece{}, k, c.Subject+": "+c.Ports, 0)
		}
		if c.Opens != "" {
			d.put(piece{}, opensInk(c), c.Opens, remedyIndent)
		}
	}
}

func opensInk(c *diagnosis.Course) ink {
	if c.Cured {
		return inkOK
	}
	return inkPlain
}
