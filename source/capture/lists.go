package capture

import (
	"maps"
	"math"
	"slices"

	"github.com/359a26c5/twtop/source"
)

func portSet(s *source.PortSet) *out {
	o := new(out)
	for _, r := range s.Ranges() {
		o.uint(uint64(r.Low))
		o.uint(uint64(r.High))
	}
	return o
}

// readPortSet takes ascending ranges only, so that it takes no longer than
// there are ports.
func readPortSet(i *in) (s source.PortSet) {
	for next := uint64(0); i.more(); {
		low, high := i.uint(), i.uint()
		if low < next || low > high || high > math.MaxUint16 {
			i.fail()
			return s
		}
		next = high + 1
		s.AddRange(source.PortRange{Low: uint16(low), High: uint16(high)})
	}
	return s
}

// detail writes one of those few that are not columns.
func (o *out) detail(d *source.Detail) {
	o.uint(uint64(d.Has))
	for _, v := range [...]uint64{uint64(d.RecvQ), uint64(d.SendQ), uint64(d.UID), uint64(d.Inode), d.Cgroup, uint64(d.Retrans)} {
		o.uint(v)
	}
	o.bool(d.V6Only)
}

func (i *in) detail() (d source.Detail) {
	d.Has = source.Has(i.uint()) &^ source.HasInfo
	d.RecvQ, d.SendQ = uint32(i.uint()), uint32(i.uint())
	d.UID, d.Inode, d.Cgroup = uint32(i.uint()), uint32(i.uint()), i.uint()
	d.Retrans = uint8(i.uint())
	d.V6Only = i.bool()
	return canonical(&d, 0) // no moments are among them
}

func writeListener(o *out, l *source.Listener) {
	o.addr(l.Local)
	o.uint(uint64(l.Port))
	o.uint(uint64(l.Device))
	o.byte(bit(l.Gone) | bit(l.Unasked)<<1)
	o.detail(&l.Detail)
}

func readListener(i *in) source.Listener {
	l := source.Listener{Local: i.addr(), Port: uint16(i.uint()), Device: uint32(i.uint())}
	flags := i.byte()
	l.Gone, l.Unasked = flags&1 != 0, flags&2 != 0
	l.Detail = i.detail()
	return l
}

func writeBound(o *out, b *source.Bound) {
	o.addr(b.Local)
	o.uint(uint64(b.Port))
	o.uint(uint64(b.Device))
	o.detail(&b.Detail)
}

func readBound(i *in) source.Bound {
	b := source.Bound{Local: i.addr(), Port: uint16(i.uint()), Device: uint32(i.uint())}
	b.Detail = i.detail()
	return b
}

func writeText(o *out, s *string) { o.text(*s) }

// maxSysctls bounds what readSysctls keeps; a kernel has some thousand.
const maxSysctls = 1 << 16

// sysctls writes the keys whose value is another, and those that are gone.
func sysctls(now, before map[string]string) *out {
	o := new(out)
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if v, ok := before[key]; !ok || v != now[key] {
			o.text(key)
			o.bool(true)
			o.text(now[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := now[key]; !ok {
			o.text(key)
			o.bool(false)
		}
	}
	return o
}

func readSysctls(before map[string]string, i *in) map[string]string {
	m := maps.Clone(before)
	if m == nil {
		m = make(map[string]string)
	}
	for i.more() {
		if len(m) > maxSysctls {
			i.fail()
			break
		}
		key := i.text()
		if i.bool() {
			m[key] = i.text()
		} else {
			delete(m, key)
		}
	}
	return m
}

// counterFields are the counters in the order of the recording: add at the end.
func counterFields(c *source.Counters) []**uint64 {
	return []**uint64{
		&c.ActiveOpens, &c.PassiveOpens, &c.AttemptFails, &c.EstabResets,
		&c.ListenOverflows, &c.ListenDrops, &c.TWRecycled, &c.TimeWaitOverflow,
		&c.Orphans, &c.ConntrackCount, &c.ConntrackMax, &c.FilesOpen, &c.FilesMax,
	}
}

// counters writes which there are, and by how much each grew.
func counters(now, before *source.Counters) *out {
	o, mask := new(out), uint64(0)
	fields, old := counterFields(now), counterFields(before)
	for i, f := range fields {
		if *f != nil {
			mask |= 1 << i
		}
	}
	o.uint(mask)
	for i, f := range fields {
		if *f != nil {
			o.int(int64(**f - valueOf(*old[i])))
		}
	}
	return o
}

func valueOf(p *uint64) uint64 {
	if p == nil {
		return 0
	}
	return *p
}

func readCounters(before source.Counters, i *in) (c source.Counters) {
	mask := i.uint()
	old := counterFields(&before)
	for n, f := range counterFields(&c) {
		if mask&(1<<n) != 0 {
			v := valueOf(*old[n]) + uint64(i.int())
			*f = &v
		}
	}
	return c
}

func writeProcess(o *out, p *source.Process) {
	o.uint(uint64(p.PID))
	o.text(p.Name)
	o.uint(uint64(p.UID))
	o.text(p.User)
	o.moment(p.Born)
	o.place(&p.Place)
	for _, n := range [...]*uint64{p.Files, p.FilesMax, p.FilesHard} {
		o.bool(n != nil)
		if n != nil {
			o.uint(*n)
		}
	}
}

func readProcess(i *in) source.Process {
	p := source.Process{PID: int(min(i.uint(), math.MaxInt32)), Name: i.text(), UID: uint32(i.uint()), User: i.text(), Born: i.moment(), Place: i.place()}
	for _, n := range [...]**uint64{&p.Files, &p.FilesMax, &p.FilesHard} {
		if i.bool() {
			v := i.uint()
			*n = &v
		}
	}
	return p
}

func host(h *source.Host) *out {
	o := new(out)
	for _, s := range [...]string{h.Name, h.Kernel, h.NetNS, h.BootID} {
		o.text(s)
	}
	o.uint(h.Cookie)
	return o
}

func readHost(i *in) source.Host {
	return source.Host{Name: i.text(), Kernel: i.text(), NetNS: i.text(), BootID: i.text(), Cookie: i.uint()}
}
