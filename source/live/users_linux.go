package live

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source"
)

// passwdFile is where the names of users are. Package os/user would ask a name
// service too, and a host in trouble could wait for that.
const passwdFile = "/etc/passwd"

// maxUserName is what useradd allows, in characters.
const maxUserName = 32

// users names users, each looked up once.
type users struct {
	path  string
	names map[uint32]string
}

// name is "" for a uid that has none.
func (u *users) name(uid uint32) string {
	const most = 1024
	if name, ok := u.names[uid]; ok {
		return name
	}
	if u.names == nil || len(u.names) >= most {
		u.names = make(map[uint32]string)
	}
	u.names[uid] = ""
	if file, err := os.Open(u.path); err == nil {
		defer func() { _ = file.Close() }()
		u.names[uid] = parseUser(file, uid)
	}
	return u.names[uid]
}

// parseUser finds a line "www-data:x:33:33:…" (passwd(5)), the first.
func parseUser(r io.Reader, uid uint32) string {
	const most = 1 << 20 // bytes
	s := bufio.NewScanner(io.LimitReader(r, most))
	for s.Scan() {
		fields := strings.SplitN(s.Text(), ":", 4)
		if len(fields) == 4 && fields[2] == strconv.FormatUint(uint64(uid), 10) {
			return source.Clean(fields[0], maxUserName)
		}
	}
	return ""
}
