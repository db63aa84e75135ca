package diagnosis

import "strings"

// clients are programs that open connections for others, or run other
// programs, by what their process is called: the page that tells how each keeps
// connections open, and that in short. A name with a version goes by what is
// before it: python3.11, php-fpm8.2. A program in Go has a name of its own.
var clients = []struct{ name, page, cure string }{
	{"nginx", PageNginx, "set keepalive in nginx's upstream block (with HTTP/1.1 and an empty Connection header)"},
	{"haproxy", PageHAProxy, "keep connections open in HAProxy (http-reuse always)"},
	{"envoy", PageEnvoy, "keep connections open in Envoy (no max_requests_per_connection: 1)"},
	{"node", PageNode, "keep connections open in Node (one http.Agent with keepAlive)"},
	{"nodejs", PageNode, "keep connections open in Node (one http.Agent with keepAlive)"},
	{"python", PagePython, inPython},
	{"gunicorn", PagePython, inPython},
	{"uwsgi", PagePython, inPython},
	{"celery", PagePython, inPython},
	{"java", PageJava, "keep connections open in Java (one client, a pool that is large enough)"},
	{"php-fpm", PagePHP, inPHP},
	{"php", PagePHP, inPHP},
}

const (
	inPython = "keep connections open in Python (one Session or Client for the process)"
	inPHP    = "keep connections open in PHP (pconnect, or a proxy on this host)"
)

// keepOpen is the page that tells how the destination's client keeps its
// connections open, and how in short. A database and Redis have a page of their
// own, whoever the client is.
func (d *Destination) keepOpen() (page, text string) {
	page, text = poolPage(d.Remote.Port()), "keep connections open (keep-alive, a pool)"
	m, ok := d.Owners.Main()
	if page != PageKeepalive || !ok {
		return page, text
	}
	name := strings.TrimRight(m.Name, "0123456789.")
	for i := range clients {
		if c := &clients[i]; c.name == name {
			return c.page, c.cure
		}
	}
	return page, text
}

// poolPage is that page alone.
func (d *Destination) poolPage() string {
	page, _ := d.keepOpen()
	return page
}
