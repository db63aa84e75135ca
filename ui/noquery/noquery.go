// Package noquery keeps Bubble Tea from asking the terminal for its background
// colour while the program starts.
//
// Bubble Tea 1.x calls lipgloss.HasDarkBackground in a package init, in every
// program that links it and before main. On a terminal that does not answer (a
// serial console, on the very host that is in trouble) that is five seconds of
// silence. SetHasDarkBackground settles the question beforehand.
//
// The order holds because Go initialises packages that are ready sorted by
// import path: this one needs nothing but lipgloss, which Bubble Tea needs too,
// and github.com/359a26c5/… sorts before github.com/charmbracelet/bubbletea.
// The answer given here is of no consequence: package ui has its own palettes
// and chooses by Options.Theme.
package noquery

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
