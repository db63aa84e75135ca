package diagnosis

// portExhaustionRule tells port-exhaustion.
type portExhaustionRule struct{}

func (*portExhaustionRule) look(*scene) []Finding { return nil }
