package diagnosis

// slowConnectRule tells slow-connect.
type slowConnectRule struct{}

func (*slowConnectRule) look(*scene) []Finding { return nil }
