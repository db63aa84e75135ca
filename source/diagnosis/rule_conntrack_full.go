package diagnosis

// conntrackFullRule tells conntrack-full.
type conntrackFullRule struct{}

func (*conntrackFullRule) look(*scene) []Finding { return nil }
