package procnet

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// BootTime is when the kernel was started, to the second; zero if unknown.
func (f FS) BootTime() time.Time {
	file, err := os.Open(filepath.Join(f.Root, "stat"))
	if err != nil {
		return time.Time{}
	}
	defer func() { _ = file.Close() }()
	return parseBootTime(file)
}

// parseBootTime finds the line "btime 1763941000" (show_stat in fs/proc/stat.c).
// It passes over the line of interrupts before it, which has no bound.
func parseBootTime(r io.Reader) time.Time {
	const longest = 1 << 33 // seconds: the year 2242
	b := bufio.NewReader(r)
	for whole := true; ; {
		line, err := b.ReadSlice('\n')
		if v, ok := strings.CutPrefix(string(line), "btime "); ok && whole {
			s, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			if err != nil || s <= 0 || s > longest {
				return time.Time{}
			}
			return time.Unix(s, 0)
		}
		if whole = err == nil; err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return time.Time{}
		}
	}
}
