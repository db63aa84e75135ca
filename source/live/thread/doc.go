// Package thread gives a function an operating-system thread that it may put
// into another network namespace.
package thread
