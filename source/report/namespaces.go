package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/359a26c5/twtop/source"
	"github.com/359a26c5/twtop/source/diagnosis"
)

// Look is a network namespace and what was seen in it.
type Look struct {
	Namespace source.Namespace
	Report    *diagnosis.Report
}

// SortLooks puts the worst first: by pressure, then by what else was found.
func SortLooks(all []Look) {
	slices.SortStableFunc(all, func(a, b Look) int {
		return cmp.Or(cmp.Compare(worstOf(b.Report).pressure, worstOf(a.Report).pressure),
			cmp.Compare(b.Report.Headline.Severity, a.Report.Headline.Severity),
			cmp.Compare(a.Namespace.Inode, b.Namespace.Inode))
	})
}

// UnseenGaps says, once for each reason, which namespaces could not be looked
// into: "not root: 41 network namespaces could not be looked into: payments, b,
// c and 38 more". It is given their names by reason.
func UnseenGaps(unseen map[string][]string) (gaps []string) {
	const told = 3
	for _, why := range slices.Sorted(maps.Keys(unseen)) {
		names := unseen[why]
		s := fmt.Sprintf("%s: %s could not be looked into: %s", why, plural(len(names), "network namespace"),
			strings.Join(names[:min(told, len(names))], ", "))
		if more := len(names) - told; more > 0 {
			s += fmt.Sprintf(" and %d more", more)
		}
		gaps = append(gaps, s)
	}
	return gaps
}
