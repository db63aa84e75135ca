package netnstest

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source/live/thread"
)

// Storm makes per TIME_WAITs towards each of so many destinations,
// 127.0.0.1:4001, 127.0.0.2:4001 and so on, as fast as it can: 25 µs each on
// a thread. It widens the namespace's port range and limits for it.
func (n *NS) Storm(destinations, per int) {
	n.t.Helper()
	n.Set("net.ipv4.ip_local_port_range", "1024 65535")
	n.Set("net.ipv4.tcp_max_tw_buckets", "2000000")
	n.Set("net.ipv4.tcp_tw_reuse", "0")
	workers := min(runtime.GOMAXPROCS(0), destinations)
	errs := make(chan error)
	for i := range workers {
		thread.Go(func() {
			errs <- n.inside(func() error { return storm(i, workers, destinations, per) })
		})
	}
	var err error
	for range workers {
		err = errors.Join(err, <-errs)
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

// inside runs fn inside the namespace, where the thread stays.
func (n *NS) inside(fn func() error) error {
	ns, err := unix.Open(n.Path(), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	err = unix.Setns(ns, unix.CLONE_NEWNET)
	_ = unix.Close(ns)
	if err != nil {
		return err
	}
	return fn()
}

// storm serves every step-th destination from the first.
func storm(first, step, destinations, per int) error {
	type pair struct {
		listener int
		addr     *unix.SockaddrInet4
	}
	var all []pair
	defer func() {
		for _, p := range all {
			_ = unix.Close(p.listener)
		}
	}()
	for d := first; d < destinations; d += step {
		sa := &unix.SockaddrInet4{Port: 4001, Addr: nthLoopback(d)}
		fd, err := listenBlocking(sa)
		if err != nil {
			return err
		}
		all = append(all, pair{fd, sa})
	}
	for range per {
		for _, p := range all {
			if err := timeWait(p.listener, p.addr); err != nil {
				return err
			}
		}
	}
	return nil
}

func nthLoopback(n int) [4]byte {
	return netip.AddrFrom4([4]byte{127, 0, byte((n + 1) >> 8), byte(n + 1)}).As4()
}

func listenBlocking(sa unix.Sockaddr) (int, error) {
	fd, err := blocking()
	if err != nil {
		return 0, err
	}
	if err = unix.Bind(fd, sa); err == nil {
		err = unix.Listen(fd, 64)
	}
	if err != nil {
		_ = unix.Close(fd)
		return 0, fmt.Errorf("listen: %w", err)
	}
	return fd, nil
}

func blocking() (int, error) {
	return unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}

// timeWait goes through the life of one connection, the client closing first.
func timeWait(listener int, sa unix.Sockaddr) error {
	client, err := blocking()
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	err = unix.Connect(client, sa)
	_ = unix.Close(client)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	server, _, err := unix.Accept(listener)
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return unix.Close(server)
}
