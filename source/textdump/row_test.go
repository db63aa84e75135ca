package textdump

import (
	"fmt"
	"strings"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// show writes what is known of a socket.
func show(e *source.Entry) string {
	d := &e.Detail
	s := fmt.Sprintf("%v %v:%d %v:%d", e.State, e.Local.IP(), e.LocalPort, e.Remote.IP(), e.RemotePort)
	add := func(known bool, format string, v ...any) {
		if known {
			s += fmt.Sprintf(" "+format, v...)
		}
	}
	add(e.Timer != source.TimerNone, "%v %d", e.Timer, e.Expires)
	add(e.Device != 0, "dev%d", e.Device)
	add(d.Has&source.HasQueues != 0, "q%d,%d", d.RecvQ, d.SendQ)
	add(d.Has&source.HasRetrans != 0, "re%d", d.Retrans)
	add(d.Has&source.HasUID != 0, "uid%d", d.UID)
	add(d.Has&source.HasInode != 0, "ino%d", d.Inode)
	add(d.Has&source.HasV6Only != 0, "only%v", d.V6Only)
	add(d.Has&source.HasInfo != 0, "info%d,%d,%d,%d,%d", d.Options, d.LastDataSent, d.LastDataRecv, d.LastAckRecv, d.RTT)
	return s
}

func parseRow(format Format, text string) (string, *parser) {
	p := newParser(strings.NewReader(""), Config{})
	var e source.Entry
	if f := p.parse(format, []byte(text), &e); f != "" {
		return string(f), p
	}
	return show(&e), p
}

func TestSSRows(t *testing.T) {
	for text, want := range map[string]string{
		"ESTAB 0 314 127.0.0.1:8000 127.0.0.1:37624":                                                      "ESTAB 127.0.0.1:8000 127.0.0.1:37624 unknown 0 q0,314",
		"tcp ESTAB 0 0 [::1]:1 [::1]:2 timer:(on,204ms,3)":                                                "ESTAB ::1:1 ::1:2 on 204 q0,0 re3",
		"TIME-WAIT 0 0 10.0.0.1:1 10.0.0.2:2 timer:(timewait,55sec,0) ino:0 sk:1":                         "TIME-WAIT 10.0.0.1:1 10.0.0.2:2 timewait 55500 q0,0 re0 uid0 ino0",
		"ESTAB 0 0 [::ffff:10.0.0.1]:1 [::ffff:10.0.0.2]:2 timer:(keepalive,119min,0)":                    "ESTAB 10.0.0.1:1 10.0.0.2:2 keepalive 7170000 q0,0 re0",
		"LISTEN 0 128 0.0.0.0%lo:53 0.0.0.0:*":                                                            "LISTEN 0.0.0.0:53 0.0.0.0:0 unknown 0 dev1 q0,128",
		"LISTEN 0 128 [fe80::1]%eth0:22 [::]:* v6only:1":                                                  "LISTEN fe80::1:22 :::0 unknown 0 dev1 q0,128 onlytrue",
		"LISTEN 0 128 [fe80::1%eth0]:22 [::]:* v6only:0":                                                  "LISTEN fe80::1:22 :::0 unknown 0 dev1 q0,128 onlyfalse",
		"ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 uid:1000 ino:77 sk:1 cgroup:/x.service <->":                        "ESTAB 1.1.1.1:1 2.2.2.2:2 unknown 0 q0,0 uid1000 ino77",
		"SYN-RECV 0 0 1.1.1.1:1 2.2.2.2:2 timer:(on,1.012ms,1) ino:0 sk:1":                                "SYN-RECV 1.1.1.1:1 2.2.2.2:2 on 1012 q0,0 re1 uid0",
		"UNCONN 0 0 127.0.0.1:4005 0.0.0.0:*":                                                             "BOUND 127.0.0.1:4005 0.0.0.0:0 unknown 0 q0,0",
		"UNCONN 0 0 127.0.0.1:4005 1.1.1.1:5":                                                             "UNCONN 127.0.0.1:4005 1.1.1.1:5 unknown 0 q0,0",
		"ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 ts sack cubic rto:204 rtt:0.05/0.02 lastsnd:7 lastrcv:8 lastack:9": "ESTAB 1.1.1.1:1 2.2.2.2:2 unknown 0 q0,0 info1,7,8,9,50",
		"ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 skmem:(r0,rb1) sack cubic rto:204 mss:1":                           "ESTAB 1.1.1.1:1 2.2.2.2:2 unknown 0 q0,0 info0,0,0,0,0",
		"0 0 1.1.1.1:1 2.2.2.2:2 timer:(timewait,,0)":                                                     "TIME-WAIT 1.1.1.1:1 2.2.2.2:2 timewait 0 q0,0 re0",
		"0 0 1.1.1.1:1 2.2.2.2:2":                                                                         "UNKNOWN 1.1.1.1:1 2.2.2.2:2 unknown 0 q0,0",
		"ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 timer:(new,1sec,0) timer:(":                                        "ESTAB 1.1.1.1:1 2.2.2.2:2 unknown 0 q0,0",
		"ESTAB 99999999999 0 1.1.1.1:1 2.2.2.2:2":                                                         "ESTAB 1.1.1.1:1 2.2.2.2:2 unknown 0 q4294967295,0",
		"ESTAB 0 0 1.1.1.1:http 2.2.2.2:2":                                                                string(faultNames),
		"ESTAB 0 0 localhost:80 2.2.2.2:2":                                                                string(faultNames),
		"ESTAB 0 0 1.1.1.1:65536 2.2.2.2:2":                                                               string(faultAddress),
		"ESTAB 0 0 1.1.1.256:1 2.2.2.2:2":                                                                 string(faultAddress),
		"ESTAB 0 0 1.1.1.1 2.2.2.2:2":                                                                     string(faultAddress),
		"ESTAB 0 x 1.1.1.1:1 2.2.2.2:2":                                                                   string(faultNumber),
		"ESTAB 0 0 1.1.1.1:1":                                                                             string(faultShort),
	} {
		if got, _ := parseRow(FormatSS, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestSSUsers(t *testing.T) {
	for text, want := range map[string]string{
		`users:(("nginx",pid=2549,fd=5),("nginx",pid=2548,fd=5))`: "map[2548:nginx 2549:nginx]",
		`users:(("nginx",2549,5)) timer:(on,1sec,0)`:              "map[2549:nginx]",
		`users:(("tmux: server",pid=7,fd=5))`:                     "map[7:tmux: server]",
		`users:(("a",pid=7,proc_ctx=x,fd=5,fd_ctx=y))`:            "map[7:a]",
		`users:(("x"),("y",pid=3,fd=1))`:                          `map[3:x"),("y]`,
		"users:((\"\x1b[31mred\u202e\",pid=9,fd=1))":              "map[9:red]",
		`users:(("` + strings.Repeat("n", 99) + `",pid=9,fd=1))`:  "map[9:" + strings.Repeat("n", maxNameLen-1) + "…]",
		`users:(("x",pid=`:                                        "map[]",
		`users:(("x",pid=0,fd=1))`:                                "map[]",
		`users:(("x`:                                              "map[]",
		`users:(`:                                                 "map[]",
		`users:((`:                                                "map[]",
		`users:(("x",pid=99999999999999999999,fd=1))`:             "map[]",
	} {
		if _, p := parseRow(FormatSS, "ESTAB 0 0 1.1.1.1:1 2.2.2.2:2 "+text); fmt.Sprint(p.facts.names) != want {
			t.Errorf("%s: got %v, want %s", text, p.facts.names, want)
		}
	}
}

// TestSSTime holds that what ss cut off is added in the middle.
func TestSSTime(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "204ms": 204, "001ms": 1, "9.120ms": 9120, "10sec": 10_500, "5sec": 5000, "59sec": 59_500, "1min": 60_000,
		"1min2sec": 62_500, "1min2.120ms": 62_120, "9min59sec": 599_500, "119min": 7_170_000, "99999999min": 1<<32 - 1,
		"sec": -1, "1": -1, "min": -1, "1.ms": -1, "1.xms": -1, "x": -1, "1hour": -1, "1minsec": -1,
	} {
		got, ok := ssTime([]byte(text))
		if ok != (want >= 0) || ok && int64(got) != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, ok, want)
		}
	}
}

func TestNetstatRows(t *testing.T) {
	const ends = " 127.0.0.1:1 127.0.0.1:2 "
	for text, want := range map[string]string{
		"tcp 5 1" + ends + "ESTABLISHED":                                              "ESTAB 127.0.0.1:1 127.0.0.1:2 unknown 0 q5,1",
		"tcp 0 0" + ends + "TIME_WAIT timewait (44.11/0/0)":                           "TIME-WAIT 127.0.0.1:1 127.0.0.1:2 timewait 44110 q0,0 re0",
		"tcp 0 0" + ends + "ESTABLISHED keepalive (7195,46/2/0)":                      "ESTAB 127.0.0.1:1 127.0.0.1:2 keepalive 7195460 q0,0 re2",
		"tcp 0 0" + ends + "ESTABLISHED off (0.00/0/0)":                               "ESTAB 127.0.0.1:1 127.0.0.1:2 q0,0 re0",
		"tcp 0 0" + ends + "FIN_WAIT1 probe (3.20/0/1)":                               "FIN-WAIT-1 127.0.0.1:1 127.0.0.1:2 persist 3200 q0,0 re0",
		"tcp 0 0" + ends + "CLOSE_WAIT 33 6877909 2222/nginx: worker p on (0.20/1/0)": "CLOSE-WAIT 127.0.0.1:1 127.0.0.1:2 on 200 q0,0 re1 uid33 ino6877909",
		"tcp 0 0" + ends + "LAST_ACK www-data 68 -":                                   "LAST-ACK 127.0.0.1:1 127.0.0.1:2 unknown 0 q0,0 ino68",
		"tcp 0 0" + ends + "SYN_RECV 0 0 -":                                           "SYN-RECV 127.0.0.1:1 127.0.0.1:2 unknown 0 q0,0 uid0",
		"tcp 7 0 127.0.0.1:4001 0.0.0.0:* LISTEN":                                     "LISTEN 127.0.0.1:4001 0.0.0.0:0 unknown 0",
		"tcp6 0 0 :::80 :::* LISTEN":                                                  "LISTEN :::80 :::0 unknown 0",
		"tcp6 0 0 ::1:4003 ::1:20336 ESTABLISHED":                                     "ESTAB ::1:4003 ::1:20336 unknown 0 q0,0",
		"tcp6 0 0 ::ffff:10.0.0.1:80 10.0.0.2:9 ESTABLISHED":                          "ESTAB 10.0.0.1:80 10.0.0.2:9 unknown 0 q0,0",
		"tcp6 0 0 2001:db8:1234:5678:4009 2001:db8:1234:567:20994 ESTABLISHED":        "ESTAB 2001:db8:1234:5678:::4009 2001:db8:1234:567:::20994 unknown 0 q0,0",
		"tcp 0 0" + ends + "VERBUNDEN":                                                string(faultState),
		"tcp 0 0 localhost:www localhost:2 ESTABLISHED":                               string(faultNames),
		"tcp 0 0 1.1.1.1:1 2.2.2.2:2":                                                 string(faultShort),
		"tcp 0 x" + ends + "ESTABLISHED":                                              string(faultNumber),
	} {
		if got, _ := parseRow(FormatNetstat, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	_, p := parseRow(FormatNetstat, "tcp 0 0"+ends+"CLOSE_WAIT 33 6877909 2222/nginx: worker p on (0.20/1/0)")
	if fmt.Sprint(p.facts.names) != "map[2222:nginx: worker p]" {
		t.Error(p.facts.names)
	}
}

func TestSysctlLines(t *testing.T) {
	for text, want := range map[string]string{
		"net.ipv4.tcp_tw_reuse = 0":                    "net.ipv4.tcp_tw_reuse= 0",
		"net.ipv4.tcp_tw_reuse=1":                      "net.ipv4.tcp_tw_reuse=1",
		"net.ipv4.tcp_tw_reuse: 2":                     "net.ipv4.tcp_tw_reuse= 2",
		"net/ipv4/tcp_tw_reuse = 1":                    "net/ipv4/tcp_tw_reuse= 1",
		"/proc/sys/net/ipv4/tcp_tw_reuse:2":            "net/ipv4/tcp_tw_reuse=2",
		"fs.file-max = 9":                              "fs.file-max= 9",
		"# net.ipv4.tcp_tw_reuse = 1":                  "",
		"internet.ipv4 = 1":                            "",
		"net.ipv4.tcp tw = 1":                          "",
		"net.ipv4.tcp_tw_reuse":                        "",
		"net." + strings.Repeat("x", 200) + " = 1":     "",
		"sysctl: cannot stat /proc/sys/net/ipv4/x: No": "",
	} {
		got := ""
		if key, value, ok := sysctl([]byte(text)); ok {
			got = string(key) + "=" + string(value)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
