// Package ui is the live screen: a Bubble Tea program over a source.Source and
// a diagnosis.Assessor.
//
// A frame (frame.go) is one Report made ready for the screen, off the UI's
// goroutine: read, assessed, cleaned of control characters, filtered and sorted.
// The Model (model.go) routes messages and holds the frame; panes keep a cursor
// and draw the visible rows of it into the rectangles of a layout (layout.go).
// What leads to a change of sysctls and back (tuning.go) goes in steps: a plan or a
// question, an outcome; the Tuner does it, off the UI's goroutine.
// The detail of a finding is a document (document.go): rows wrapped once for a
// frame, with those that can be copied marked.
// View does nothing that depends on the number of sockets or rows.
package ui
