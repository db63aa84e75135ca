package diagnosis

// portPressureRule tells port-pressure.
type portPressureRule struct{}

func (*portPressureRule) look(*scene) []Finding { return nil }
