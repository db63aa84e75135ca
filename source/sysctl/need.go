package sysctl

// Need is what the verdict asks of one key: a Plan is made from needs.
type Need struct {
	Key string
	// Value is what the key should be; "" where the plan works it out for this
	// host (ip_local_port_range, ip_local_reserved_ports).
	Value string
	// Finding is the id of the finding that asks for it.
	Finding string
	// Effect is what it would do here, in words, or "": capacity, what it bears
	// per second, whether that is enough.
	Effect string
	// Enough says whether it ends the trouble for good at the present demand;
	// nil where that is not known.
	Enough *bool
}
