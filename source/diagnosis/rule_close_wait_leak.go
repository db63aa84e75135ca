package diagnosis

// closeWaitLeakRule tells close-wait-leak.
type closeWaitLeakRule struct{}

func (*closeWaitLeakRule) look(*scene) []Finding { return nil }
