package explain

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	words := []string{"interval", "TWTOP_INTERVAL", "used", "free", "at", "time-wait"}
	for word, want := range map[string]string{
		"intervall": "interval", "INTERVAL": "interval", "uesd": "used", "fre": "free", "TWTOP_INTERVALL": "TWTOP_INTERVAL",
		"timewait": "time-wait", "ta": "", "zzz": "", "": "", strings.Repeat("x", 50): "",
	} {
		if got := strings.Join(Nearest(word, words), " "); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
