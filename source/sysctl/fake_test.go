package sysctl

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeKernel is a kernel in memory, with faults.
type fakeKernel struct {
	values map[string]string
	writes []string                          // "key=value"
	refuse map[string]error                  // by key
	clamp  map[string]string                 // what a key becomes, whatever is written
	after  func(k *fakeKernel, wrote string) // after each write
	onRead func(k *fakeKernel, key string)   // before each read
}

func (k *fakeKernel) Read(key string) (string, bool, error) {
	if k.onRead != nil {
		k.onRead(k, key)
	}
	v, ok := k.values[key]
	return v, ok, nil
}

func (k *fakeKernel) Write(key, value string) error {
	if err := k.refuse[key+"="+value]; err != nil {
		return err
	}
	if err := k.refuse[key]; err != nil {
		return err
	}
	k.writes = append(k.writes, key+"="+value)
	if c, ok := k.clamp[key]; ok {
		value = c
	}
	// As the kernel does: a tab between the ends of a range.
	if key == LocalPortRange {
		value = strings.ReplaceAll(value, " ", "\t")
	}
	k.values[key] = value
	if k.after != nil {
		k.after(k, key)
	}
	return nil
}

var errRefused = errors.New("operation not permitted")

// stock are the values of a host that nobody tuned.
func stock() map[string]string {
	return map[string]string{
		LocalPortRange: "32768\t60999", LocalReservedPorts: "", TWReuse: "2", TWReuseDelay: "1000", Timestamps: "1",
		MaxTWBuckets: "131072", FinTimeout: "60", UnprivilegedStart: "1024", MaxOrphans: "131072",
		keySomaxconn: "4096", "net.ipv4.tcp_max_syn_backlog": "2048", "net.ipv4.tcp_syncookies": "1",
		keyKeepaliveTime: "7200", keyKeepaliveIntvl: "75", keyKeepaliveProbes: "9",
		"fs.file-max": "2466177", "fs.nr_open": "1048576",
	}
}

// short is a host whose ports have run out.
func short(change map[string]string) Facts {
	values := stock()
	maps.Copy(values, change)
	return Facts{Values: values, Kernel: "6.18.44", Root: true, Needs: []Need{
		{Key: TWReuse, Value: "1", Finding: "port-exhaustion", Effect: "enough"}, {Key: LocalPortRange, Finding: "port-exhaustion"}}}
}

// bench is a guard over a fake kernel, in directories of the test's.
type bench struct {
	*Guard
	t      *testing.T
	kernel *fakeKernel
	root   string
}

func newBench(t *testing.T, values map[string]string) *bench {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(root+"/etc", 0o755); err != nil {
		t.Fatal(err)
	}
	k := &fakeKernel{values: maps.Clone(values), refuse: map[string]error{}, clamp: map[string]string{}}
	now := time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
	return &bench{t: t, kernel: k, root: root, Guard: &Guard{
		Kernel: k, State: State{Dir: root + "/state/twtop"}, DropIn: DropIn{Root: root},
		Place: Place{BootID: "boot-a", Cookie: 4711, NetNS: "net:[1]"}, Who: Who{User: "root", Sudo: "alice"},
		Now: func() time.Time { now = now.Add(time.Second); return now },
	}}
}

func (b *bench) apply(p Plan) Result {
	b.t.Helper()
	r, err := b.Apply(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) planned() UndoPlan {
	b.t.Helper()
	u, err := b.PlanUndo()
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

func (b *bench) undo() Result {
	b.t.Helper()
	r, err := b.Undo(b.t.Context(), b.planned())
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// holds compares all of the kernel's values.
func (b *bench) holds(want map[string]string) {
	b.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		k, _ := Lookup(key)
		if !k.same(b.kernel.values[key], want[key]) {
			b.t.Errorf("%s is %q, want %q", key, b.kernel.values[key], want[key])
		}
	}
}

func (b *bench) auditLog() string {
	b.t.Helper()
	data, err := os.ReadFile(b.State.Dir + "/" + auditFile)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}
