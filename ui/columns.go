package ui

import (
	"slices"
	"strings"
)

// DestinationColumns are the names of the columns of destinations, in the
// screen's order: their titles in small letters, with a hyphen for a blank.
func DestinationColumns() []string {
	names := make([]string, len(destColumns))
	for i := range destColumns {
		names[i] = destColumns[i].name()
	}
	return names
}

func (c *column[R]) name() string { return strings.ReplaceAll(strings.ToLower(c.title), " ", "-") }

// choose hides the columns that names does not name, and lets the others leave a
// narrow screen the last named first. The first column stays: it says what a row
// is about. Without names all are as they were. The order stays the screen's.
func choose[R any](columns []column[R], names []string) []column[R] {
	if len(names) == 0 {
		return columns
	}
	chosen := slices.Clone(columns)
	for i := 1; i < len(chosen); i++ {
		at := slices.Index(names, chosen[i].name())
		chosen[i].hidden = at < 0
		chosen[i].priority = columns[0].priority + 1 + at
	}
	return chosen
}
