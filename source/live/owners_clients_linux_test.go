package live_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/live/netnstest"
)

// clientVar makes this test binary a client: what it is called, where to it
// connects, how often a second, and how long each connection stays open.
const clientVar = "TWTOP_TEST_CLIENT"

// job is what a client does.
type job struct {
	name string
	to   string
	rate int
	hold time.Duration
}

func (j job) String() string { return fmt.Sprintf("%q %s %d %v", j.name, j.to, j.rate, j.hold) }

// TestClient is no test: it is what a client runs, and prints how many
// connections it closed, until its standard input ends.
func TestClient(t *testing.T) {
	v := os.Getenv(clientVar)
	if v == "" {
		t.Skip("runs as a client of other tests only")
	}
	var j job
	var hold string
	if _, err := fmt.Sscanf(v, "%q %s %d %s", &j.name, &j.to, &j.rate, &hold); err != nil {
		t.Fatal(err)
	}
	j.hold, _ = time.ParseDuration(hold)
	if err := os.WriteFile("/proc/self/comm", []byte(j.name), 0); err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	stop := make(chan struct{})
	go func() {
		in := bufio.NewReader(os.Stdin)
		for {
			if _, err := in.ReadString('\n'); err != nil {
				close(stop)
				return
			}
			fmt.Printf("count %d\n", n.Load())
		}
	}()
	tick := time.NewTicker(time.Second / time.Duration(j.rate))
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			go func() {
				if c, err := net.Dial("tcp", j.to); err == nil {
					time.Sleep(j.hold)
					_ = c.Close()
					n.Add(1)
				}
			}()
		}
	}
}

// opener is a running client.
type opener struct {
	job
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startClient starts a client inside the namespace.
func startClient(t *testing.T, ns *netnstest.NS, j job) *opener {
	t.Helper()
	c := &opener{job: j, t: t, cmd: exec.Command("/proc/self/exe", "-test.run=^TestClient$")}
	c.cmd.Env = append(os.Environ(), clientVar+"="+j.String())
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err == nil {
		var out io.ReadCloser
		out, err = c.cmd.StdoutPipe()
		c.in, c.out = in, bufio.NewReader(out)
	}
	if err == nil {
		ns.Do(func() { err = c.cmd.Start() })
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

// closed is how many connections it has closed so far, by its own count.
func (c *opener) closed() int {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in); err != nil {
		c.t.Fatal(err)
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "count ")))
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// stop ends it.
func (c *opener) stop() {
	if c.in != nil {
		_ = c.in.Close()
		_, _ = io.Copy(io.Discard, c.out)
		_ = c.cmd.Wait()
		c.in = nil
	}
}

// serveAll accepts connections inside the namespace and closes them after
// their client has.
func serveAll(t *testing.T, ns *netnstest.NS, addr string) {
	t.Helper()
	var l net.Listener
	var err error
	ns.Do(func() { l, err = net.Listen("tcp", addr) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go func() {
					_, _ = io.Copy(io.Discard, c)
					_ = c.Close()
				}()
			}
		}
	}()
}
