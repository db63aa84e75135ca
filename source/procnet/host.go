package procnet

// BootID returns the random name that the kernel gave itself at boot, "" where
// it is not there.
func (f FS) BootID() string {
	v, _, _ := f.Sysctl("kernel.random.boot_id") // what cannot be read is as good as absent here
	return v
}
