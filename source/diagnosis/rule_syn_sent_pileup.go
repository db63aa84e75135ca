package diagnosis

// synSentPileupRule tells syn-sent-pileup.
type synSentPileupRule struct{}

func (*synSentPileupRule) look(*scene) []Finding { return nil }
