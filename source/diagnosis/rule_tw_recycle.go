package diagnosis

// twRecycleRule tells tw-recycle.
type twRecycleRule struct{}

func (*twRecycleRule) look(*scene) []Finding { return nil }
