package sysctl

import "fmt"

// limitFile is a file that sets a limit of open files.
type limitFile struct {
	dir, path, content string
}

// dropIn is the systemd drop-in of a service. It says nothing of processes
// that systemd did not start.
func dropIn(l Limit) limitFile {
	dir := "/etc/systemd/system/" + l.Unit + ".d"
	return limitFile{dir, dir + "/60-twtop.conf", fmt.Sprintf("[Service]\nLimitNOFILE=%d\n", l.NoFile)}
}

// limitsConf is the line of a user for pam_limits, which takes it at login:
// services do not go through it. "-" is the soft and the hard limit.
func limitsConf(l Limit) limitFile {
	return limitFile{"/etc/security/limits.d", limitsFile, fmt.Sprintf("%s - nofile %d\n", l.User, l.NoFile)}
}

// limitFiles are the files that a limit goes into: none where neither the
// service nor the user is known.
func limitFiles(l Limit) []limitFile {
	var out []limitFile
	if l.Unit != "" {
		out = append(out, dropIn(l))
	}
	if l.User != "" {
		out = append(out, limitsConf(l))
	}
	return out
}

// mergedLimitFiles are the files of all limits, each path once: users share
// limits.d's, and of a service that is named twice the higher limit holds.
func mergedLimitFiles(limits []Limit) []limitFile {
	var out []limitFile
	at := map[string]int{}
	for _, l := range highest(limits) {
		for _, f := range limitFiles(l) {
			if i, ok := at[f.path]; ok {
				out[i].content += f.content
				continue
			}
			at[f.path] = len(out)
			out = append(out, f)
		}
	}
	return out
}

// highest splits limits into one for each service and one for each user, with
// the highest value that is asked for, in the order of their first mention.
func highest(limits []Limit) []Limit {
	var out []Limit
	at := map[Limit]int{}
	for _, l := range limits {
		for _, one := range []Limit{{Unit: l.Unit}, {User: l.User}} {
			if one == (Limit{}) {
				continue
			}
			i, ok := at[one]
			if !ok {
				i, at[one] = len(out), len(out)
				out = append(out, one)
			}
			out[i].NoFile = max(out[i].NoFile, l.NoFile)
		}
	}
	return out
}

// maxNoFile is the highest limit, for formats that know no services; 0 for none.
func maxNoFile(limits []Limit) uint64 {
	var n uint64
	for _, l := range limits {
		n = max(n, l.NoFile)
	}
	return n
}

// limitWords says of one of highest what it needs, and from when it has it.
func limitWords(l Limit) string {
	if l.Unit != "" {
		return fmt.Sprintf("%s needs %d; it has them after systemctl daemon-reload, from its next start.", l.Unit, l.NoFile)
	}
	return fmt.Sprintf("The user %s needs %d, and has them from the next login.", l.User, l.NoFile)
}
