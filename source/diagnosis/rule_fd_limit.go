package diagnosis

// fdLimitRule tells fd-limit.
type fdLimitRule struct{}

func (*fdLimitRule) look(*scene) []Finding { return nil }
