// Package sysctl knows the sysctls that matter for local ports and TIME_WAIT:
// what each does, where it applies, and what values make sense.
package sysctl

// Scope is where a key's value applies.
type Scope string

// The scopes.
const (
	ScopeNetNS Scope = "netns" // each network namespace has its own
	ScopeHost  Scope = "host"  // one value for all namespaces
)

// Key is one entry of the catalogue.
type Key struct {
	Name    string // "net.ipv4.tcp_tw_reuse"
	Scope   Scope
	Summary string // what it does, one line for the screen
}

// Catalogue is every key twtop reads, in the order the screen shows them.
func Catalogue() []Key { return nil }

// Names returns the catalogue's key names.
func Names() []string { return nil }
