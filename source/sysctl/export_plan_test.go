package sysctl

import (
	"maps"
	"testing"
)

// shortOfPorts is a host that runs out, with a listener in the range that
// gets wider.
func shortOfPorts() Facts {
	return Facts{
		Values: map[string]string{LocalPortRange: "32768\t60999", LocalReservedPorts: "11211", TWReuse: "0",
			Timestamps: "0", FinTimeout: "60", "net.ipv4.ip_unprivileged_port_start": "1024", MaxOrphans: "65536"},
		Needs: []Need{{Key: TWReuse, Value: "1", Finding: "port-exhaustion"}}, Kernel: "6.18.44", Root: true,
	}
}

// TestExportOfRealPlans: who may not write here exports the same values.
func TestExportOfRealPlans(t *testing.T) {
	want := sysctlConf(t, exportText(t, NewPlan(shortOfPorts()), FormatSysctlD, metaOf("")))
	if want[TWReuse] != "1" || want[Timestamps] != "1" || want[LocalPortRange] == "" || want[LocalReservedPorts] == "" {
		t.Fatalf("the plan exports %v", want)
	}
	for name, change := range map[string]func(*Facts){
		"a user":         func(f *Facts) { f.Root = false },
		"runs read-only": func(f *Facts) { f.ReadOnly = true },
		"a container":    func(f *Facts) { f.ProcReadOnly, f.Container = true, true },
		"--pid":          func(f *Facts) { f.Inside = true },
		"a capture":      func(f *Facts) { f.Replay = true },
	} {
		f := shortOfPorts()
		f.Values = maps.Clone(f.Values)
		change(&f)
		p := NewPlan(f)
		sameValues(t, name, sysctlConf(t, exportText(t, p, FormatSysctlD, metaOf(""))), want)
		for _, format := range Formats() {
			if exportText(t, p, format, metaOf("")) == exportText(t, Plan{}, format, metaOf("")) {
				t.Errorf("%s as %s exports nothing", name, format)
			}
		}
	}
	f := shortOfPorts()
	f.Values = maps.Clone(f.Values)
	delete(f.Values, MaxOrphans)
	f.Values["fs.file-max"] = "1000"
	f.Inside = true
	f.Needs = append(f.Needs, Need{Key: "fs.file-max", Value: "200000", Finding: "fd-limit"})
	if got := sysctlConf(t, exportText(t, NewPlan(f), FormatSysctlD, metaOf("inside"))); got["fs.file-max"] != "200000" {
		t.Errorf("what the host has to set is lost from inside: %v", got)
	}
	f = shortOfPorts()
	f.Needs = nil
	if got := sysctlConf(t, exportText(t, NewPlan(f), FormatSysctlD, metaOf(""))); len(got) != 0 {
		t.Errorf("a host at ease exports %v", got)
	}
}

// TestExportOfUntickedPlan: what somebody unticks is not in the file.
func TestExportOfUntickedPlan(t *testing.T) {
	p := NewPlan(shortOfPorts())
	p = p.With(LocalPortRange, false)
	got := sysctlConf(t, exportText(t, p, FormatSysctlD, metaOf("")))
	if _, ok := got[LocalPortRange]; ok || got[TWReuse] != "1" {
		t.Errorf("without the range it exports %v", got)
	}
}
