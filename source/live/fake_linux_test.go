package live

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/359a26c5/twtop/source"
)

// fakeKernel answers dumps by a script, at the border of the package.
type fakeKernel struct {
	mu sync.Mutex
	// scripts of the answers to requests for connections, in turn; the last
	// one serves all further requests. Other requests get an empty dump.
	scripts []script
	// boundScripts are those of the answers to requests for bound sockets; if
	// there are none, bound says how many there are.
	boundScripts  []script
	listenScripts []script // likewise, for requests for listeners
	// refuse is what requests of a message type are answered with.
	refuse map[uint16]unix.Errno
	bound  int // bound-inactive sockets

	dials, closes int
	requests      []*request
	buffers       []int // SetReadBuffer
}

// request is what the kernel was asked.
type request struct {
	typ    uint16
	family byte
	states uint32
	ext    byte
	dense  bool // the answer was received as a dense one
}

// script is what Recv returns, in turn.
type script []recv

// recv is one datagram, or an error.
type recv struct {
	parts []part
	err   error
	// before runs when Recv is called.
	before func()
	// length is what Recv says, if not the datagram's length.
	length int
}

// part is one netlink message.
type part struct {
	typ   uint16 // SOCK_DIAG_BY_FAMILY if 0
	flags uint16
	stale bool  // of an earlier sequence number
	errno int32 // NLMSG_DONE, NLMSG_ERROR
	state source.State
	local uint16 // port; the remote one is 4001
}

const (
	msgError, msgDone         = 2, 3
	msgCompat, msgByFamily    = 18, 20
	flagDumpInterrupted       = 0x10
	headerSize, sizeofDiagMsg = 16, 72
)

func (k *fakeKernel) dial() (wire, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dials++
	return &fakeWire{kernel: k, interrupt: make(chan struct{})}, nil
}

// fakeWire is one connection to the fakeKernel.
type fakeWire struct {
	kernel    *fakeKernel
	seq       uint32
	asked     *request
	answer    script
	once      sync.Once
	interrupt chan struct{}
}

func (w *fakeWire) Send(msg []byte) error {
	k, ne := w.kernel, binary.NativeEndian
	k.mu.Lock()
	defer k.mu.Unlock()
	r := request{typ: ne.Uint16(msg[4:]), family: msg[16]}
	w.seq = ne.Uint32(msg[8:])
	if r.typ == msgCompat {
		r.ext, r.states = msg[19], ne.Uint32(msg[68:])
	} else {
		r.ext, r.states = msg[18], ne.Uint32(msg[20:])
	}
	w.asked = &r
	k.requests = append(k.requests, w.asked)
	w.answer = script{{parts: []part{{typ: msgDone}}}}
	if errno := k.refuse[r.typ]; errno != 0 {
		w.answer = script{{parts: []part{{typ: msgError, errno: int32(errno)}}}}
		return nil
	}
	if r.states == source.StateBoundInactive.Mask() {
		for i := range k.bound {
			p := part{state: source.StateClose, local: uint16(50000 + i)}
			w.answer[0].parts = append([]part{p}, w.answer[0].parts...)
		}
	}
	scripts := map[uint32]*[]script{
		connections:                      &k.scripts,
		source.StateBoundInactive.Mask(): &k.boundScripts,
		source.StateListen.Mask():        &k.listenScripts,
	}[r.states]
	if scripts != nil && len(*scripts) > 0 {
		w.answer = (*scripts)[0]
		if len(*scripts) > 1 {
			*scripts = (*scripts)[1:]
		}
	}
	return nil
}

var errNothingToSay = errors.New("the script is over and the dump is not done")

func (w *fakeWire) Recv(buf []byte, dense bool) (int, error) {
	w.asked.dense = w.asked.dense || dense
	if len(w.answer) == 0 {
		<-w.interrupt
		return 0, errNothingToSay
	}
	r := w.answer[0]
	w.answer = w.answer[1:]
	if r.before != nil {
		r.before()
	}
	if r.err != nil {
		return 0, r.err
	}
	var b []byte
	for _, p := range r.parts {
		b = p.append(b, w.seq)
	}
	n := max(copy(buf, b), len(b))
	return max(n, r.length), nil
}

func (w *fakeWire) SetReadBuffer(n int) error {
	w.kernel.mu.Lock()
	defer w.kernel.mu.Unlock()
	w.kernel.buffers = append(w.kernel.buffers, n)
	return nil
}

func (w *fakeWire) Interrupt() { w.once.Do(func() { close(w.interrupt) }) }

func (w *fakeWire) Close() error {
	w.kernel.mu.Lock()
	defer w.kernel.mu.Unlock()
	w.kernel.closes++
	return nil
}

// append appends the message in the kernel's layout.
func (p part) append(b []byte, seq uint32) []byte {
	ne := binary.NativeEndian
	typ, size := p.typ, 4
	if typ == 0 {
		typ, size = msgByFamily, sizeofDiagMsg
	}
	if p.stale {
		seq--
	}
	b = ne.AppendUint32(b, uint32(headerSize+size))
	b = ne.AppendUint16(b, typ)
	b = ne.AppendUint16(b, p.flags)
	b = ne.AppendUint32(b, seq)
	b = ne.AppendUint32(b, 0)
	if typ != msgByFamily {
		return ne.AppendUint32(b, uint32(-p.errno))
	}
	m := make([]byte, sizeofDiagMsg)
	m[0], m[1] = 2, byte(p.state)
	if p.state == source.StateTimeWait {
		m[2] = byte(source.TimerTimeWait)
		ne.PutUint32(m[52:], 30_000)
	}
	binary.BigEndian.PutUint16(m[4:], p.local)
	binary.BigEndian.PutUint16(m[6:], 4001)
	copy(m[8:], []byte{127, 0, 0, 1})
	copy(m[24:], []byte{127, 0, 0, 1})
	return append(b, m...)
}

// timeWaits are n datagrams of one TIME_WAIT each.
func timeWaits(n int) script {
	var s script
	for i := range n {
		s = append(s, recv{parts: []part{{state: source.StateTimeWait, local: uint16(40000 + i)}}})
	}
	return s
}

// then appends one more datagram, or error.
func (s script) then(r recv) script { return append(s[:len(s):len(s)], r) }

var done = recv{parts: []part{{typ: msgDone}}}

// fakeClock goes on by a millisecond each time it is asked.
type fakeClock struct{ ms uint32 }

func (c *fakeClock) Now() time.Time { return time.Unix(1_800_000_000, 0).UTC() }
func (c *fakeClock) Millis() uint32 { c.ms++; return c.ms }

// openFake opens a Source over k, with a procfs of a small quiet namespace.
func openFake(t *testing.T, k *fakeKernel, cfg Config) *Source {
	t.Helper()
	if cfg.ProcRoot == "" {
		cfg.ProcRoot = fakeProc(t, nil)
	}
	s, err := open(cfg, border{dial: k.dial, clock: new(fakeClock)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// fakeProc makes a procfs of the files that Read wants, changed by those in more.
func fakeProc(t *testing.T, more map[string]string) string {
	t.Helper()
	files := map[string]string{
		"sys/net/ipv4/ip_local_port_range":     "32768\t60999\n",
		"sys/net/ipv4/ip_local_reserved_ports": "\n",
		"sys/kernel/random/boot_id":            "00000000-0000-0000-0000-000000000001\n",
		"thread-self/net/sockstat":             "sockets: used 10\nTCP: inuse 3 orphan 0 tw 5 alloc 3 mem 0\n",
		"thread-self/net/sockstat6":            "TCP6: inuse 0\n",
		"thread-self/net/protocols": "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re sp bi br ha uh gp em\n" +
			"TCP       2432      3       0   no     320   yes  kernel      y  y  y  y  y  y  y  y  y  y  y  y  y  y  y  y  y  y  y\n",
	}
	for name, text := range more {
		files[name] = text
	}
	root := t.TempDir()
	for name, text := range files {
		writeFile(t, root, name, text)
	}
	return root
}

// writeFile writes a file below root, or removes it where text is empty.
func writeFile(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if text == "" {
		_ = os.Remove(path)
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
