package capture_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/capture"
	"github.com/359a26c5/twtop/source/live"
	"github.com/359a26c5/twtop/source/live/netnstest"
	"github.com/359a26c5/twtop/source/sysctl"
)

// churnFlag makes TestKernelChurn a measurement: that many frames, one a
// second, beside `ss -tanoe` through `zstd -19`.
var churnFlag = flag.Int("churn", 0, "seconds to compare with ss for")

// TestKernelChurn records a namespace that opens and closes 800 connections a
// second, and compares each replayed frame with the live one.
func TestKernelChurn(t *testing.T) {
	ns := netnstest.New(t)
	ns.Set("net.ipv4.tcp_tw_reuse", "0")
	src, err := live.Open(live.Config{NetNS: ns.Path(), SysctlKeys: sysctl.Names()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	defer startChurn(t, ns, 2, 20*time.Millisecond, 8)()

	frames, every := 15, 200*time.Millisecond
	if *churnFlag > 0 {
		frames, every = *churnFlag, time.Second
	}
	var file, text bytes.Buffer
	w, err := capture.NewWriter(&file, header)
	if err != nil {
		t.Fatal(err)
	}
	var all []*source.Snapshot
	var spent time.Duration
	for tick := time.NewTicker(every); len(all) < frames; <-tick.C {
		s, err := src.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
		spent += time.Since(start)
		all = append(all, s)
		if *churnFlag > 0 {
			ns.Do(func() { text.Write(ss()) })
		}
	}
	r := open(t, file.Bytes())
	for i := range all {
		same(t, fmt.Sprintf("frame %d", i), all[i], frame(t, r, i))
	}
	last := all[len(all)-1]
	if last.States[source.StateTimeWait] < 100 {
		t.Errorf("nothing is closed here: %v", last.States)
	}
	closed := *last.Counters.ActiveOpens - *all[0].Counters.ActiveOpens // each of them is closed at once
	t.Logf("%d frames, %d sockets in the last, %d bytes: %.2f for each of %d connections; %v a frame",
		len(all), len(last.Sockets), file.Len(), float64(file.Len())/float64(closed), closed, spent/time.Duration(len(all)))
	if *churnFlag > 0 {
		packed := packedByZstd(t, text.Bytes())
		t.Logf("ss -tanoe | zstd -19: %d bytes of %d: %.1f times as much", packed, text.Len(), float64(packed)/float64(file.Len()))
	}
}

func ss() []byte {
	out, _ := exec.Command("ss", "-tanoe").Output()
	return out
}

// startChurn opens and closes count connections each tick, in turn towards
// 127.0.0.1:4001, 127.0.0.2:4001 and so on, and returns what ends it. What it
// missed while others used the namespace's thread it makes up for.
func startChurn(t *testing.T, ns *netnstest.NS, destinations int, tick time.Duration, count int) (stop func()) {
	t.Helper()
	listeners := make([]int, destinations)
	for d := range listeners {
		listeners[d] = ns.Listen(fmt.Sprintf("127.0.0.%d:4001", d+1)).FD()
	}
	quit := make(chan struct{})
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		begin, made := time.Now(), 0
		for {
			select {
			case <-quit:
				return
			case <-time.After(tick):
			}
			for made < int(time.Since(begin)/tick)*count {
				ns.Do(func() { openAndClose(made%destinations+1, listeners[made%destinations]) })
				made++
			}
		}
	}()
	return func() { close(quit); done.Wait() }
}

// openAndClose leaves a TIME_WAIT of the client.
func openAndClose(host, listener int) {
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return
	}
	_ = unix.Connect(client, &unix.SockaddrInet4{Port: 4001, Addr: [4]byte{127, 0, 0, byte(host)}})
	_ = unix.Close(client)
	if server, _, err := unix.Accept(listener); err == nil {
		_ = unix.Close(server)
	}
}
