package source

import "testing"

func TestKernelBefore(t *testing.T) {
	for release, want := range map[string]bool{
		"5.14.0-503.el9.x86_64": true, "6.7.12": true, "6.7-rc3": true, "6.7+": true, "6.7": true, "3.10.0": true,
		"6.8.0": false, "6.8-rc1": false, "6.18.44": false, "6.18-custom": false, "10.0": false, "10.0-rc1": false,
		"": false, "six": false, "5": false, "5.": false, "5.x": false, ".5": false, "-5.1": false,
		"5.99999999999999999999": false, "99999999999999999999.1": false,
	} {
		if got := KernelBefore(release, 6, 8); got != want {
			t.Errorf("KernelBefore(%q, 6, 8) = %v, want %v", release, got, want)
		}
	}
}
