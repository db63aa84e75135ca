package sysctl

// Kernel is where sysctls are read and written.
type Kernel interface {
	// Read returns a value as the kernel prints it; ok is false, without an
	// error, where there is no such key.
	Read(key string) (value string, ok bool, err error)
	// Write sets a key in one write.
	Write(key, value string) error
}
