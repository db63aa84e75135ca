package diagnosis

// finWait2PileupRule tells fin-wait2-pileup.
type finWait2PileupRule struct{}

func (*finWait2PileupRule) look(*scene) []Finding { return nil }
