package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Set by the linker: -ldflags "-X main.version=1.2.3 -X main.commit=… -X main.date=…".
var version, commit, date string

// built is what is known of this build; unknown fields are "".
type built struct{ version, commit, date string }

// build returns what the linker was told, or else what the go command recorded.
func build() built {
	b := built{version, commit, date}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b.orDevelopment()
	}
	if b.version == "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && b.commit == "":
			b.commit = s.Value
		case s.Key == "vcs.time" && b.date == "":
			b.date = s.Value
		}
	}
	return b.orDevelopment()
}

func (b built) orDevelopment() built {
	if b.version == "" {
		b.version = "development"
	}
	return b
}

// line says which build this is, and for what.
func (b built) line() string {
	line := "twtop " + b.version
	if b.commit != "" {
		line += ", commit " + b.commit
	}
	if b.date != "" {
		line += ", " + b.date
	}
	return fmt.Sprintf("%s, %s %s/%s", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

const versionLong = `Which twtop this is: its version, the commit it was built from and the time of
that, the Go that built it, and for which system.

  twtop version`

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Annotations: map[string]string{besides: "about twtop itself"},
		Short:       "which twtop this is",
		Long:        versionLong,
		Args:        cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), build().line())
			return err
		}),
	}
}
