package sysctl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Format names a system that a plan can be written for.
type Format string

// The formats, as on the command line.
const (
	FormatSysctlD      Format = "sysctl.d"
	FormatEBExtensions Format = "ebextensions"
	FormatAnsible      Format = "ansible"
	FormatKubernetes   Format = "kubernetes"
	FormatDocker       Format = "docker"
)

// exporters are in the order of Formats.
var exporters = [...]struct {
	format  Format
	summary string
	write   func(*page, *exported)
}{
	{FormatSysctlD, "a file for /etc/sysctl.d, read at boot", writeSysctlD},
	{FormatEBExtensions, "a .config file for AWS Elastic Beanstalk", writeEBExtensions},
	{FormatAnsible, "a playbook with ansible.posix.sysctl", writeAnsible},
	{FormatKubernetes, "a patch of the pod's securityContext", writeKubernetes},
	{FormatDocker, "a compose file, and the docker run options", writeDocker},
}

// Formats returns every format, in the order of the help.
func Formats() []Format {
	out := make([]Format, len(exporters))
	for i := range exporters {
		out[i] = exporters[i].format
	}
	return out
}

// Summary says in one line what the format's file is; "" for an unknown one.
func (f Format) Summary() string {
	for i := range exporters {
		if exporters[i].format == f {
			return exporters[i].summary
		}
	}
	return ""
}

// ExportMeta is what the head of an exported file tells of its origin. What is
// not known stays empty, and is left out.
type ExportMeta struct {
	Host, Kernel string    // of the host that the plan is for
	NetNS        string    // the namespace, where it is not the host's own
	Made         time.Time // when the plan was made
	Version      string    // of twtop
}

// exported is what of a plan goes into a file: checked, and fit to be written.
type exported struct {
	settings []setting
	notes    []string
	limits   []Limit
	meta     ExportMeta
}

// setting is one key and the value that it gets, as Check returns it.
type setting struct {
	item  *Item
	name  string
	value string
}

// Export writes the ticked changes of a plan as a file for a system. Nothing is
// written where the plan holds something that no file may hold. What cannot be
// written *here* is exported: that is what a container exports for.
func Export(w io.Writer, p Plan, f Format, meta ExportMeta) error {
	for i := range exporters {
		if exporters[i].format != f {
			continue
		}
		x, err := export(p, meta)
		if err != nil {
			return fmt.Errorf("export as %s: %w", f, err)
		}
		var b bytes.Buffer
		exporters[i].write(&page{w: &b}, x)
		_, err = w.Write(b.Bytes())
		return err
	}
	return fmt.Errorf("no export as %q: choose one of %s", string(f), formatList())
}

func formatList() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func export(p Plan, meta ExportMeta) (*exported, error) {
	x := &exported{notes: p.Notes, limits: p.Limits, meta: meta}
	widened := widens(p)
	for i := range p.Items {
		item := &p.Items[i]
		if !item.exports() && !(widened && item.keepsReservations()) {
			continue
		}
		s, err := settingOf(item)
		if err != nil {
			return nil, err
		}
		x.settings = append(x.settings, s)
	}
	for _, l := range p.Limits {
		if err := checkLimit(l); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// exports reports whether the item is a change for a file: a ticked one, also
// where a capture does not tell the value now; or one that is needed and that
// only the host can make.
func (i *Item) exports() bool {
	if i.Known && i.Key.same(i.Want, i.Now) {
		return false
	}
	return i.Ticked || i.Known && i.Refused != "" && i.Finding != "" && i.Key.Scope == ScopeHost
}

// keepsReservations reports whether the item is reservations that are there
// already: a file that widens the range has to bring them along, since neither
// the next boot nor a container's namespace knows them.
func (i *Item) keepsReservations() bool {
	return i.Key.Name == LocalReservedPorts && i.Known && strings.TrimSpace(i.Want) != "" && i.Key.same(i.Want, i.Now)
}

func widens(p Plan) bool {
	for i := range p.Items {
		if p.Items[i].Key.Name == LocalPortRange && p.Items[i].exports() {
			return true
		}
	}
	return false
}
