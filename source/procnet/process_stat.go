package procnet

import (
	"bytes"
	"errors"
	"strconv"
)

// StartTime is when a process was started, in ticks of USER_HZ, 10 ms, since
// boot, as /proc/PID/stat has it. With the PID it names a process for good.
func (f FS) StartTime(pid int) (ticks uint64, err error) {
	b, err := f.readPID(pid, "stat")
	if err != nil {
		return 0, err
	}
	ticks, err = parseStartTime(b)
	return ticks, wrap(f.pidPath(pid, "stat"), err)
}

// parseStartTime finds the 22nd field (do_task_stat in fs/proc/array.c). The
// second is the name in parentheses, which may hold blanks and parentheses.
func parseStartTime(b []byte) (uint64, error) {
	const afterName = 22 - 3 // of those from the third on
	end := bytes.LastIndexByte(b, ')')
	if end < 0 {
		return 0, errors.New("no name in parentheses")
	}
	fields := bytes.Fields(b[end+1:])
	if len(fields) <= afterName {
		return 0, errors.New("too few fields")
	}
	return strconv.ParseUint(string(fields[afterName]), 10, 64)
}
