package sysctl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/359a26c5/twtop/source"
)

// NewPlan says what to set on a host, and what not. It is pure.
func NewPlan(f Facts) Plan {
	b := planner{Facts: &f, short: f.portFinding()}
	b.Plan.Refused, b.Plan.PersistRefused = f.refusal(), f.persistRefusal()
	b.ports()
	b.timestamps()
	b.reuse()
	b.recycle()
	b.finTimeout()
	b.limits()
	slices.SortStableFunc(b.Items, func(x, y Item) int { return cmp.Compare(rank(x.Key.Name), rank(y.Key.Name)) })
	for i := range b.Items {
		b.judge(&b.Items[i])
	}
	b.follow()
	b.Plan.weigh()
	return b.Plan
}

// planner puts a plan together.
type planner struct {
	*Facts
	Plan
	short string // the finding that says that ports are short, or ""
}

// item begins the item of a key that stays as it is.
func (b *planner) item(name string) Item {
	k, _ := Lookup(name)
	i := Item{Key: k, Why: advices[name].why, Risk: advices[name].risk}
	i.Now, i.Known = b.Values[name]
	i.Want = i.Now
	if n := b.need(name); n != nil {
		i.Effect, i.Enough, i.Finding = n.Effect, n.Enough, n.Finding
	}
	return i
}

// want sets what an item's value should be, and ticks it where it is needed.
func (b *planner) want(i *Item, value string) {
	i.Want = value
	if i.Finding == "" {
		i.Finding = b.short
	}
	i.Ticked = i.Finding != "" && !i.Key.same(i.Now, value)
	if mind := advices[i.Key.Name].mind; mind != "" {
		i.Warnings = append(i.Warnings, mind)
	}
}

func (b *planner) timestamps() {
	i := b.item(Timestamps)
	if !i.Known || i.Now == "0" {
		b.want(&i, "1")
	}
	b.Items = append(b.Items, i)
}

// reuse is tcp_tw_reuse=1: 2, the default, serves loopback only.
func (b *planner) reuse() {
	i := b.item(TWReuse)
	b.want(&i, "1")
	if b.Values[Timestamps] == "0" {
		i.Warnings = append(i.Warnings, "TIME-WAITs that were made without timestamps are not reused: they still have to run out, 60 s")
	}
	b.Items = append(b.Items, i)
}

// recycle only ever turns it off.
func (b *planner) recycle() {
	i := b.item(TWRecycle)
	if !i.Known || i.Now == "0" {
		return
	}
	i.Want = "0"
	i.Ticked = b.need(TWRecycle) != nil
	b.Items = append(b.Items, i)
}

// finTimeout is there to say what it does not do.
func (b *planner) finTimeout() {
	if i := b.item(FinTimeout); i.Known {
		b.Items = append(b.Items, i)
	}
}

// limits are the keys that only a finding of their own asks for.
func (b *planner) limits() {
	for _, n := range b.Needs {
		k, ok := Lookup(n.Key)
		if !ok || k.Fixed != "" || slices.Contains(writeOrder, n.Key) || b.Item(n.Key) != nil {
			continue
		}
		i := b.item(n.Key)
		value, err := Check(n.Key, n.Value)
		if err != nil {
			i.Warnings = append(i.Warnings, fmt.Sprintf("it stays as it is: %v", err))
		} else {
			b.want(&i, better(n.Key, i.Now, value))
		}
		b.Items = append(b.Items, i)
	}
}

// better is the better one of the values now and asked for: nothing is made worse.
func better(key, now, asked string) string {
	have, errHave := strconv.ParseUint(now, 10, 64)
	want, errWant := strconv.ParseUint(asked, 10, 64)
	if _, err := Check(key, now); err != nil || errHave != nil || errWant != nil || advices[key].lower != (have < want) && have != want {
		return asked
	}
	return now
}

// judge says why an item cannot be written here, where that is so.
func (b *planner) judge(i *Item) {
	since := i.Key.Since != "" && b.Kernel != "" && older(b.Kernel, i.Key.Since)
	switch {
	case i.Refused != "" || i.Known && i.Key.same(i.Want, i.Now):
	case !i.Known && (since || !b.Replay):
		i.Refused = "there is no such key here, or it cannot be read"
		if since {
			i.Refused = "this kernel has no such key: it came with Linux " + i.Key.Since
		}
	case i.Key.Scope == ScopeHost && b.inner():
		i.Refused = "it holds for the whole host: set it there, not from inside another namespace"
	case i.Known && i.Key.OneWay == "":
		if _, err := Check(i.Key.Name, i.Now); err != nil {
			i.Refused = fmt.Sprintf("it could not be put back: %v; set it by hand", err)
		}
	}
	if i.Refused != "" {
		i.Ticked = false
	}
}

// follow unticks what lacks what it needs, and ticks what ticked items need.
func (b *planner) follow() {
	for _, i := range slices.Backward(b.Items) {
		if i.Ticked {
			b.Plan = b.With(i.Key.Name, true)
		}
	}
}

// older reports whether a release is older than "6.14".
func older(release, since string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(since, "%d.%d", &major, &minor); err != nil {
		return false
	}
	return source.KernelBefore(release, major, minor)
}
