package diagnosis

// bindBeforeConnectRule tells bind-before-connect.
type bindBeforeConnectRule struct{}

func (*bindBeforeConnectRule) look(*scene) []Finding { return nil }
