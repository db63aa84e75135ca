package procnet

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxLine bounds a line of a table; the longest, TcpExt of net/netstat, has
// about 3 KiB on Linux 6.18.
const maxLine = 64 << 10

// eachLine calls line with the fields of each line of r.
func eachLine(r io.Reader, line func(fields []string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), maxLine)
	for s.Scan() {
		if err := line(strings.Fields(s.Text())); err != nil {
			return err
		}
	}
	return s.Err()
}

// number reads a figure of the kernel's; name is for the error.
func number(name, s string) (*uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is %q, not a number", name, clip(s))
	}
	return &n, nil
}

// clip keeps what an error quotes short.
func clip(s string) string { return s[:min(len(s), 32)] }
