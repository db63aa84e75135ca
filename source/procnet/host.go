package procnet

// BootID returns the random name that the kernel gave itself at boot, "" where
// it is not there.
func (f FS) BootID() string { return f.text("kernel.random.boot_id") }

// KernelRelease returns what `uname -r` prints, "" where it is not there.
func (f FS) KernelRelease() string { return f.text("kernel.osrelease") }

// Hostname returns the name of the UTS namespace, "" where it is not there.
func (f FS) Hostname() string { return f.text("kernel.hostname") }

func (f FS) text(key string) string {
	v, _, _ := f.Sysctl(key) // what cannot be read is as good as absent here
	return v
}
