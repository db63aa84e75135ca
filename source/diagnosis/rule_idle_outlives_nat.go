package diagnosis

// idleOutlivesNATRule tells idle-outlives-nat.
type idleOutlivesNATRule struct{}

func (*idleOutlivesNATRule) look(*scene) []Finding { return nil }
