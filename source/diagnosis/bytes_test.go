package diagnosis

import "testing"

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 412: "412 B", 1200: "1.2 kB", 2_000_000: "2 MB", 1_260_000_000: "1.3 GB", 2_000_000_000_000: "2000 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
