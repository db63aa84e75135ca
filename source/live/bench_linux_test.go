package live_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
	"github.com/359a26c5/twtop/source/inetdiag"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// BenchmarkSnapshotLive is the ladder over this kernel: so many TIME_WAITs of
// 36 destinations in a namespace of their own, and
//
//	floor   a dump that is only received
//	read    a snapshot
//	report  a snapshot and its account
//
// A TIME_WAIT lasts a minute, and a million take about 20 s to make, so
// -benchtime has to stay short; "alive" is how many there were in the end.
// cpu-ns/op is what to compare on a busy machine; report's is without the account.
func BenchmarkSnapshotLive(b *testing.B) {
	for _, n := range []int{1, 100, 10_000, 28_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million sockets take 20 s to make: not with -short")
			}
			ns := netnstest.New(b)
			destinations := min(n, 36)
			ns.Storm(destinations, n/destinations)
			b.Run("floor", func(b *testing.B) { benchmarkFloor(b, ns) })
			b.Run("read", func(b *testing.B) { benchmarkSnapshot(b, ns, false) })
			b.Run("report", func(b *testing.B) { benchmarkSnapshot(b, ns, true) })
		})
	}
}

func benchmarkSnapshot(b *testing.B, ns *netnstest.NS, assess bool) {
	src := open(b, live.Config{NetNS: ns.Path(), SysctlKeys: sysctl.Names()})
	var assessor diagnosis.Assessor
	var last *source.Snapshot
	var cpu float64
	b.ReportAllocs()
	for b.Loop() {
		s, err := src.Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if assess {
			assessor.Assess(s)
		}
		last = s
		cpu += float64(s.Cost.CPU)
	}
	perSocket(b, len(last.Sockets))
	b.ReportMetric(cpu/float64(b.N), "cpu-ns/op")
}

func perSocket(b *testing.B, alive int) {
	b.ReportMetric(float64(alive), "alive")
	if alive > 0 {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(alive), "ns/socket")
	}
}

// benchmarkFloor receives the same dump by system calls and counts messages.
func benchmarkFloor(b *testing.B, ns *netnstest.NS) {
	var fd int
	var err error
	ns.Do(func() {
		fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	})
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	buf := make([]byte, 32<<10)
	alive := 0
	before := threadCPU(b)
	for b.Loop() {
		if alive, err = receive(fd, buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((threadCPU(b)-before)/float64(b.N), "cpu-ns/op")
	perSocket(b, alive)
}

func threadCPU(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

// receive asks for all states of both families, and reads until NLMSG_DONE.
func receive(fd int, buf []byte) (sockets int, err error) {
	const headerSize, done = 16, 3
	request := inetdiag.Request{Compat: true, States: inetdiag.AllStates}.AppendTo(nil, 1)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	for {
		n, err := unix.Read(fd, buf)
		if err != nil {
			return 0, err
		}
		for b := buf[:n]; len(b) >= headerSize; {
			if binary.NativeEndian.Uint16(b[4:]) == done {
				return sockets, nil
			}
			sockets++
			b = b[min((int(binary.NativeEndian.Uint32(b))+3)&^3, len(b)):]
		}
	}
}
