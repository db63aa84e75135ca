package capture

import "github.com/359a26c5/twtop/source"

// sightingKind is what many sightings have in common.
type sightingKind struct {
	local, remote source.Addr
	port          uint16
	device, uid   uint32
	cgroup        uint64
	by            processRef
}

// sightingsOut writes the kinds, each once, before its first sighting.
func sightingsOut(o *source.Owners, clock uint32) *out {
	w, kinds := new(out), make(map[sightingKind]uint64)
	inode := int64(0)
	for i := range o.Sightings {
		s := &o.Sightings[i]
		k := sightingKind{s.Local, s.Remote, s.RemotePort, s.Device, s.UID, s.Cgroup, refOf(o.Processes, s.Process)}
		n, known := kinds[k]
		if !known {
			n = uint64(len(kinds))
			kinds[k] = n
		}
		w.uint(n)
		if !known {
			w.kind(&k)
		}
		w.uint(uint64(s.LocalPort))
		w.int(int64(int32(s.Clock - clock)))
		w.int(int64(s.Inode) - inode)
		w.uint(uint64(s.Walk))
		w.uint(uint64(s.Open))
		inode = int64(s.Inode)
	}
	return w
}

func (o *out) kind(k *sightingKind) {
	o.addr(k.local)
	o.addr(k.remote)
	o.uint(uint64(k.port))
	o.uint(uint64(k.device))
	o.uint(uint64(k.uid))
	o.uint(k.cgroup)
	o.ref(k.by)
}

func (i *in) kind() sightingKind {
	return sightingKind{i.addr(), i.addr(), uint16(i.uint()), uint32(i.uint()), uint32(i.uint()), i.uint(), i.ref()}
}

// sightingsIn reads sightings, and by whom they are.
func sightingsIn(i *in, clock uint32) (all []source.Sighting, by []processRef) {
	var kinds []sightingKind
	inode := int64(0)
	for i.more() {
		n := i.uint()
		if n > uint64(len(kinds)) || len(all) == maxSockets {
			i.fail()
			return nil, nil
		}
		if n == uint64(len(kinds)) {
			kinds = append(kinds, i.kind())
		}
		k := &kinds[n]
		s := source.Sighting{
			Local: k.local, Remote: k.remote, RemotePort: k.port, Device: k.device, UID: k.uid, Cgroup: k.cgroup,
			LocalPort: uint16(i.uint()), Clock: clock + uint32(i.int()),
		}
		inode += i.int()
		s.Inode, s.Walk, s.Open = uint32(inode), uint32(i.uint()), uint32(i.uint())
		all, by = append(all, s), append(by, k.by)
	}
	return all, by
}
