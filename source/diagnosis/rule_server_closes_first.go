package diagnosis

// serverClosesFirstRule tells server-closes-first.
type serverClosesFirstRule struct{}

func (*serverClosesFirstRule) look(*scene) []Finding { return nil }
