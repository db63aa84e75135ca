package diagnosis

// timeWaitOverflowRule tells time-wait-overflow.
type timeWaitOverflowRule struct{}

func (*timeWaitOverflowRule) look(*scene) []Finding { return nil }
