package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// fileKeys are what a config file may set. A key without a table is the flag of
// that name, of each command that has it; one in a table is that command's. None
// of them can make twtop write anything.
var fileKeys = []string{"interval", "theme", "columns", "read-only", "check.warn", "check.crit"}

// isFor reports whether a key of the file is about a flag of cmd. `twtop config`
// has them all.
func isFor(key string, cmd *cobra.Command, f *pflag.Flag) bool {
	command, name, ok := strings.Cut(key, ".")
	if !ok {
		return key == f.Name
	}
	return name == f.Name && (cmd.Name() == command || cmd.Name() == configName)
}

// keyOf is the key of the config file for a flag of cmd, "" where there is none.
func keyOf(cmd *cobra.Command, f *pflag.Flag) string {
	if i := slices.IndexFunc(fileKeys, func(k string) bool { return isFor(k, cmd, f) }); i >= 0 {
		return fileKeys[i]
	}
	return ""
}

// configPath is where the config file is, whether or not there is one; "" where
// the environment names no place for it.
func configPath() string {
	dir := configDir(runtime.GOOS, os.Getenv)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "twtop", "config.toml")
}

// configDir is the same on macOS as on Linux, unlike os.UserConfigDir. A relative
// XDG_CONFIG_HOME is not valid, and to be ignored (XDG Base Directory
// Specification).
func configDir(goos string, getenv func(string) string) string {
	if goos == "windows" {
		return getenv("AppData")
	}
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

// fromFile gives flags of cmd what the config file has for them. Commands without
// such flags do not look for the file.
func fromFile(cmd *cobra.Command) error {
	asks := false
	cmd.Flags().VisitAll(func(f *pflag.Flag) { asks = asks || keyOf(cmd, f) != "" })
	path := configPath()
	if !asks || path == "" {
		return nil
	}
	text, err := readConfig(path)
	if err != nil || text == nil {
		return err
	}
	entries, err := parseConfig(path, text)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := e.settle(cmd); err != nil {
			return err
		}
	}
	return nil
}

// largestConfig bounds what is read of a config file, in bytes.
const largestConfig = 64 << 10

// readConfig returns nil where there is no file, and where nobody may look: HOME
// is somebody else's then, as after setpriv or in a service.
func readConfig(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case noConfig(err):
		return nil, nil
	case err != nil:
		return nil, failure{fmt.Errorf("config file: %w", err)}
	case !info.Mode().IsRegular():
		return nil, failure{fmt.Errorf("config file: %s is no regular file", path)}
	}
	f, err := os.Open(path)
	switch {
	case noConfig(err):
		return nil, nil
	case err != nil:
		return nil, failure{fmt.Errorf("config file: %w", err)}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestConfig+1))
	switch {
	case err != nil:
		return nil, failure{fmt.Errorf("config file: %w", err)}
	case len(text) > largestConfig:
		return nil, failure{fmt.Errorf("config file: %s is larger than %s", path, diagnosis.Bytes(largestConfig))}
	}
	return text, nil
}

// noConfig reports whether there is no file, or nobody may look. Where HOME is
// /dev/null it is in no directory.
func noConfig(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR)
}

// entry is a value of the config file, as a flag takes it.
type entry struct {
	key, value string
	place      string // FILE:LINE:COLUMN
}

func (e *entry) settle(cmd *cobra.Command) (err error) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err != nil || f.Changed || !isFor(e.key, cmd, f) {
			return
		}
		if wrong := settle(cmd.Flags(), f, e.value, e.place); wrong != nil {
			err = usagef("%s: %s = %s: %w", e.place, e.key, e.value, wrong)
		}
	})
	return err
}

// parseConfig reads TOML. Every key has to be one of fileKeys.
func parseConfig(path string, text []byte) ([]entry, error) {
	p := configParser{path: path, seen: map[string]bool{}}
	p.toml.Reset(text)
	for p.toml.NextExpression() {
		if err := p.expression(p.toml.Expression()); err != nil {
			return nil, err
		}
	}
	if err := p.toml.Error(); err != nil {
		where := unstable.Range{Offset: uint32(len(text))}
		if e := (*unstable.ParserError)(nil); errors.As(err, &e) && e.Highlight != nil {
			where = p.toml.Range(e.Highlight)
		}
		return nil, usagef("%s: %w", p.at(where), err)
	}
	return p.entries, nil
}

type configParser struct {
	path    string
	toml    unstable.Parser
	table   string // with a point at its end
	seen    map[string]bool
	entries []entry
}

// at is a place in the file, as compilers write it. Columns count bytes.
func (p *configParser) at(r unstable.Range) string {
	start := p.toml.Shape(r).Start
	return fmt.Sprintf("%s:%d:%d", p.path, start.Line, start.Column)
}

func (p *configParser) expression(e *unstable.Node) error {
	var parts []string
	var first unstable.Range
	for it := e.Key(); it.Next(); {
		if n := it.Node(); len(parts) == 0 {
			first = n.Raw
		}
		parts = append(parts, string(it.Node().Data))
	}
	key, place := strings.Join(parts, "."), p.at(first)
	switch e.Kind {
	case unstable.Table:
		p.table = key + "."
		if !slices.ContainsFunc(fileKeys, func(k string) bool { return strings.HasPrefix(k, p.table) }) {
			return usagef("%s: [%s] is no table of twtop's%s", place, key, meant(key, tables()))
		}
		return p.once("["+key+"]", place)
	case unstable.KeyValue:
		return p.keyValue(p.table+key, place, e.Value())
	}
	return usagef("%s: [[%s]]: there is no list of tables here", place, key)
}

// once refuses what is there a second time.
func (p *configParser) once(what, place string) error {
	if p.seen[what] {
		return usagef("%s: %s is there twice", place, what)
	}
	p.seen[what] = true
	return nil
}

func (p *configParser) keyValue(key, place string, v *unstable.Node) error {
	if !slices.Contains(fileKeys, key) {
		return usagef("%s: there is no setting %s%s", place, key, meant(key, fileKeys))
	}
	if err := p.once(key, place); err != nil {
		return err
	}
	value, ok := wordOf(v)
	if !ok {
		return usagef("%s: %s: want a text, a number, true, false, or a list of them", place, key)
	}
	p.entries = append(p.entries, entry{key, value, place})
	return nil
}

// wordOf is a value as a flag takes it: a list with commas.
func wordOf(v *unstable.Node) (string, bool) {
	switch v.Kind {
	case unstable.String, unstable.Bool, unstable.Integer, unstable.Float:
		return string(v.Data), true
	case unstable.Array:
		var words []string
		for it := v.Children(); it.Next(); {
			word, ok := wordOf(it.Node())
			if !ok || it.Node().Kind == unstable.Array {
				return "", false
			}
			words = append(words, word)
		}
		return strings.Join(words, ","), true
	}
	return "", false
}

// tables are those that fileKeys are in.
func tables() (out []string) {
	for _, k := range fileKeys {
		if table, _, ok := strings.Cut(k, "."); ok && !slices.Contains(out, table) {
			out = append(out, table)
		}
	}
	return out
}
