package ui

import (
	"io"

	"github.com/muesli/termenv"
)

// environment is Options.Getenv as termenv takes it.
type environment func(string) string

// Getenv looks a variable up.
func (e environment) Getenv(key string) string { return e(key) }

// Environ lists nothing: termenv asks for single variables.
func (e environment) Environ() []string { return nil }

// colorDepth is how many colours the terminal at w shows, by TERM, COLORTERM
// and NO_COLOR.
func colorDepth(w io.Writer, getenv func(string) string, o ...termenv.OutputOption) termenv.Profile {
	return termenv.NewOutput(w, append(o, termenv.WithEnvironment(environment(getenv)))...).EnvColorProfile()
}
