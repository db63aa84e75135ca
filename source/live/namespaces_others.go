//go:build !linux

package live

import (
	"context"
	"errors"
	"time"

	"github.com/359a26c5/twtop/source"
)

// ErrGone does not occur on this system.
var ErrGone = errors.New("the network namespace is gone")

// Namespaces fails on this system.
func Namespaces(context.Context, Config) ([]source.Namespace, []string, error) {
	return nil, nil, errSystem()
}

// OpenNamespace fails on this system.
func OpenNamespace(*source.Namespace, Config) (*Source, error) { return nil, errSystem() }

// Namespace is empty on this system.
func (*Source) Namespace() source.Namespace { return source.Namespace{} }

// Chosen is empty on this system.
func (*Source) Chosen() string { return "" }

// Survey is of namespaces, which only Linux has.
type Survey struct{}

// NewSurvey fails on this system.
func NewSurvey(Config, Judge) (*Survey, error) { return nil, errSystem() }

// Watch does nothing on this system.
func (*Survey) Watch(uint64) {}

// ListFrom does nothing on this system.
func (*Survey) ListFrom(float64) {}

// Standing is empty on this system.
func (*Survey) Standing() ([]source.Standing, []string) { return nil, nil }

// Step fails on this system.
func (*Survey) Step(context.Context) (time.Duration, error) { return 0, errSystem() }

// Round fails on this system.
func (*Survey) Round(context.Context) error { return errSystem() }

// Close does nothing on this system.
func (*Survey) Close() error { return nil }
