package diagnosis

// reuseWithoutTimestampsRule tells reuse-without-timestamps.
type reuseWithoutTimestampsRule struct{}

func (*reuseWithoutTimestampsRule) look(*scene) []Finding { return nil }
