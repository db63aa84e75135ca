package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/359a26c5/twtop/source/sysctl"
)

// nginxConf is the incident: HTTP/1.1 to the backend with a pasted Connection
// header and no keepalive, so that nginx closes each connection first.
const nginxConf = `daemon off; master_process off; user root;
pid DIR/pid; error_log DIR/error.log error;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
	server {
		listen 127.0.0.1:8080;
		location / {
			proxy_pass http://127.0.0.1:4001;
			proxy_http_version 1.1;
			proxy_set_header Connection "upgrade";
		}
	}
}
`

// proxied is nginx in front of a backend, in a namespace.
type proxied struct {
	*lab
	errors string // nginx's log
	client http.Client
}

func newProxied(t *testing.T) *proxied {
	t.Helper()
	name, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("nginx is not installed: ", err)
	}
	dir := t.TempDir()
	p := &proxied{lab: newLab(t), errors: filepath.Join(dir, "error.log")}
	writeFile(t, filepath.Join(dir, "conf"), strings.ReplaceAll(nginxConf, "DIR", dir))
	p.backend()
	nginx := exec.Command(name, "-e", p.errors, "-c", filepath.Join(dir, "conf"))
	if err := p.inside(nginx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nginx.Process.Kill(); _ = nginx.Wait() })
	p.client.Transport = &http.Transport{DialContext: func(context.Context, string, string) (c net.Conn, err error) {
		p.Do(func() { c, err = net.Dial("tcp4", "127.0.0.1:8080") })
		return c, err
	}}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// nodeBackend is a server as most are written.
const nodeBackend = `require("http").createServer((q, r) => r.end("fine\n")).listen(4001, "127.0.0.1")`

// backend is Node, or where that is not installed a server that keeps
// connections open as it does.
func (p *proxied) backend() {
	p.t.Helper()
	if name, err := exec.LookPath("node"); err == nil {
		node := exec.Command(name, "-e", nodeBackend)
		if err := p.inside(node); err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { _ = node.Process.Kill(); _ = node.Wait() })
		return
	}
	p.t.Log("node is not installed: a server in Go takes its place")
	var ln net.Listener
	var err error
	p.Do(func() { ln, err = net.Listen("tcp4", "127.0.0.1:4001") })
	if err != nil {
		p.t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "fine") })}
	go func() { _ = s.Serve(ln) }()
	p.t.Cleanup(func() { _ = s.Close() })
}

// get returns the status of one request, 0 where nginx does not answer.
func (p *proxied) get() int {
	r, err := p.client.Get("http://127.0.0.1:8080/")
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode
}

// requests asks 150 times a second until end, and counts the statuses.
func (p *proxied) requests(end func(map[int]int) bool) map[int]int {
	p.t.Helper()
	got := map[int]int{}
	tick := time.NewTicker(time.Second / 150)
	defer tick.Stop()
	for late := time.Now().Add(2 * patience); !end(got); <-tick.C {
		got[p.get()]++
		if time.Now().After(late) {
			p.t.Fatalf("for %v: %v", 2*patience, got)
		}
	}
	return got
}

// refused is how often nginx could not connect for want of a port.
func (p *proxied) refused() int {
	b, err := os.ReadFile(p.errors)
	if err != nil {
		p.t.Error(err)
	}
	return strings.Count(string(b), "(99: Cannot assign requested address)")
}

// TestApplyEndsTheIncident: nginx answers 502 for want of local ports; 2 s
// after the apply, and from then on, it does not.
func TestApplyEndsTheIncident(t *testing.T) {
	t.Parallel()
	p := newProxied(t)
	before, outside := p.values(), values(t)
	for deadline := time.Now().Add(patience); p.get() != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nginx does not answer")
		}
	}
	p.requests(func(got map[int]int) bool { return got[http.StatusBadGateway] > 100 })
	if p.refused() == 0 {
		t.Fatal("502, and no errno 99 in nginx's log")
	}
	out := p.must("apply", "--yes")
	applied := time.Now()
	p.requests(func(map[int]int) bool { return time.Since(applied) > 2*time.Second })
	refused := p.refused()
	got := p.requests(func(got map[int]int) bool { return got[http.StatusOK] >= 450 }) // for 3 s at the least
	t.Logf("%d refused in all; from 2 s after the apply: %v", refused, got)
	if more := p.refused() - refused; more > 0 || len(got) != 1 {
		t.Errorf("%d more errno 99, answers %v\n%s", more, got, out)
	}
	p.must("undo", "--yes")
	p.holds("undone", before)
	holdValues(t, "outside", values(t), outside)
	if before[sysctl.TWReuse] != "0" {
		t.Error("it was not the incident")
	}
}
