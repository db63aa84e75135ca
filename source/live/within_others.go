//go:build !linux

package live

import "github.com/359a26c5/twtop/source"

// Within fails on this system.
func (*Source) Within(func(procRoot string)) error { return errSystem() }

// Host is empty on this system.
func (*Source) Host() source.Host { return source.Host{} }
