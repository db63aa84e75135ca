package procnet

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// FileLimit is a process's RLIMIT_NOFILE; nil is "unlimited".
type FileLimit struct{ Soft, Hard *uint64 }

// FileLimit reads /proc/PID/limits, which any user may.
func (f FS) FileLimit(pid int) (FileLimit, error) {
	b, err := f.readPID(pid, "limits")
	if err != nil {
		return FileLimit{}, err
	}
	limit, err := parseFileLimit(bytes.NewReader(b))
	return limit, wrap(f.pidPath(pid, "limits"), err)
}

// parseFileLimit reads the line "Max open files  1024  524288  files"
// (proc_pid_limits in fs/proc/base.c).
func parseFileLimit(r io.Reader) (limit FileLimit, err error) {
	const name = "Max open files"
	found := false
	err = eachLine(r, func(fields []string) error {
		if found || len(fields) < 5 || strings.Join(fields[:3], " ") != name {
			return nil
		}
		found = true
		var errs [2]error
		limit.Soft, errs[0] = resource(name, fields[3])
		limit.Hard, errs[1] = resource(name, fields[4])
		return errors.Join(errs[:]...)
	})
	switch {
	case err != nil:
		return FileLimit{}, err
	case !found:
		return FileLimit{}, errors.New("no line begins with " + name)
	}
	return limit, nil
}

func resource(name, s string) (*uint64, error) {
	if s == "unlimited" {
		return nil, nil
	}
	return number(name, s)
}
