package ui

import (
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	three := 3
	for _, c := range []struct{ got, want string }{
		{commas(0), "0"}, {commas(999), "999"}, {commas(1000), "1,000"}, {commas(28232), "28,232"},
		{commas(1234567), "1,234,567"}, {commas(-1000), "−1,000"},
		{optional(nil), "–"}, {optional(&three), "3"},
		{signed(12), "+12"}, {signed(-3), "−3"}, {signed(0), ""},
		{percent(0), "0 %"}, {percent(0.01), "<1 %"}, {percent(1.4), "1 %"}, {percent(89.5), "90 %"}, {percent(99.2), "99 %"},
		{percent(99.999), "99 %"}, {percent(100), "100 %"}, {percent(-1), "0 %"},
		{seconds(time.Second), "1 s"}, {seconds(200 * time.Millisecond), "0.2 s"}, {seconds(2500 * time.Millisecond), "2.5 s"},
		{seconds(40 * time.Millisecond), "40 ms"}, {seconds(1200 * time.Microsecond), "1.2 ms"}, {seconds(59700 * time.Millisecond), "60 s"},
		{seconds(100 * time.Second), "1m40s"}, {seconds(2 * time.Hour), "2h00m"}, {seconds(-time.Second), "−1 s"}, {seconds(0), "0 s"},
		{share(0), "0 %"}, {share(0.0004), "<0.1 %"}, {share(0.006), "0.6 %"}, {share(0.12), "12 %"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSockets(t *testing.T) {
	for n, want := range map[int]string{0: "0 sockets", 1: "1 socket", 2: "2 sockets", 28_361: "28,361 sockets"} {
		if got := sockets(n); got != want {
			t.Errorf("sockets(%d) = %q, want %q", n, got, want)
		}
	}
}
