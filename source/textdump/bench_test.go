package textdump_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source/textdump"
)

// table writes n sockets in TIME-WAIT as a tool does.
func table(n int, header, row string) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		ip := fmt.Sprintf("10.%d.%d.%d", i>>24&0xff, i>>16&0xff, i>>12&0xf)
		fmt.Fprintf(&b, row, ip, i&0xfff+1024, i%60)
	}
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	const n = 1_000_000
	for name, text := range map[string]string{
		"ss": table(n, "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n",
			"TIME-WAIT 0      0          %s:%d    127.0.0.1:4001 timer:(timewait,%dsec,0)                          \n"),
		"netstat": table(n, "Proto Recv-Q Send-Q Local Address           Foreign Address         State       Timer\n",
			"tcp        0      0 %s:%d         127.0.0.1:4001          TIME_WAIT   timewait (%d.41/0/0)\n"),
		"proc": proc(n),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				snap, err := textdump.Parse(strings.NewReader(text), textdump.Config{})
				if err != nil || len(snap.Sockets) != n {
					b.Fatal(err, len(snap.Sockets), snap.Gaps)
				}
			}
		})
	}
}

func proc(n int) string {
	var b strings.Builder
	b.WriteString("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n")
	for i := range n {
		fmt.Fprintf(&b, "%4d: %08X:%04X 0100007F:0FA1 06 00000000:00000000 03:%08X 00000000     0        0 0 3 000000006947f8e7\n",
			i, 0x0A000001+i>>12, i&0xfff+1024, i%6000)
	}
	return b.String()
}
