package sysctl

// Plan is what twtop would change on a host, and why: made from what the
// verdict needs and what the host is like, shown before anything is written.
type Plan struct {
	// Items are all keys that there is something to say of, in the order in
	// which they would be written: reservations before the range, timestamps
	// before reuse.
	Items []Item
	// Notes are what holds for the plan as a whole: services that are down now
	// are no listeners, a container's /proc/sys is read-only, …
	Notes []string
	// Refused says why nothing can be written here at all, and what to do, or
	// "": not root, a container's /proc/sys, --read-only, a replay. The plan is
	// there to be read and exported all the same.
	Refused string
	// PersistRefused says why no file in /etc/sysctl.d is written here, or "".
	PersistRefused string
	// Limits are what no sysctl sets but exports can: open files of a process.
	Limits []Limit
}

// Item is one key of a plan.
type Item struct {
	Key Key
	// Now is the value as the kernel prints it, "" and Known false where the
	// key is absent or unreadable.
	Now   string
	Known bool
	// Want is the value that it should have; Now where it stays.
	Want string
	// Ticked: it is applied unless somebody unticks it. What the verdict does
	// not need is listed, and not ticked.
	Ticked bool
	// Refused says why it cannot be written here, or "".
	Refused string
	Why     string // what the change does, one sentence
	Risk    string // what it may cost, one sentence, or "none known"
	Effect  string // what it does here at the present demand, or ""
	Enough  *bool
	// Warnings are what to mind before it is applied.
	Warnings []string
	Finding  string // id of the finding that asks for it, or ""
}

// Changes reports whether the item would write anything.
func (i *Item) Changes() bool { return i.Known && i.Refused == "" && !i.Key.same(i.Want, i.Now) }

// Item returns the item of a key, nil where the plan has none.
func (p *Plan) Item(key string) *Item {
	for i := range p.Items {
		if p.Items[i].Key.Name == key {
			return &p.Items[i]
		}
	}
	return nil
}

// Chosen are the items that an apply would write, in that order.
func (p *Plan) Chosen() []Item {
	var out []Item
	for i := range p.Items {
		if it := &p.Items[i]; it.Ticked && it.Changes() {
			out = append(out, *it)
		}
	}
	return out
}

// Limit is a limit of open files that a service needs.
type Limit struct {
	Unit   string // "nginx.service", or "" where it is not known
	User   string // for limits.conf, or ""
	NoFile uint64
}
