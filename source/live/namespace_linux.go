package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// namedNetNS are the directories that `ip netns` keeps names in.
var namedNetNS = []string{"/run/netns", "/var/run/netns"}

// namespace is the network namespace to look at.
type namespace struct {
	file *os.File // nil: that of the process
	name string   // as it was asked for; "" if by PID or not at all
}

// openNamespace finds the namespace that c names.
func openNamespace(c *Config) (*namespace, error) {
	switch {
	case c.NetNS != "" && c.PID != 0:
		return nil, errors.New("choose a network namespace by name or by process, not both")
	case c.PID < 0:
		return nil, fmt.Errorf("process %d: a process id is a positive number", c.PID)
	case c.PID > 0:
		return openPID(c)
	case c.NetNS == "":
		return new(namespace), nil
	case strings.ContainsRune(c.NetNS, '/'):
		f, err := os.Open(c.NetNS)
		if err != nil {
			return nil, fmt.Errorf("open network namespace: %w", err)
		}
		return &namespace{file: f}, nil
	}
	return openNamed(c.NetNS)
}

func openPID(c *Config) (*namespace, error) {
	f, err := os.Open(filepath.Join(c.procRoot(), strconv.Itoa(c.PID), "ns/net"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("network namespace of process %d: there is no such process: %w", c.PID, err)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("network namespace of process %d: %w (run as root)", c.PID, err)
	case err != nil:
		return nil, fmt.Errorf("network namespace of process %d: %w", c.PID, err)
	}
	return &namespace{file: f}, nil
}

func openNamed(name string) (*namespace, error) {
	if name == "." || name == ".." {
		return nil, fmt.Errorf("network namespace %q: that is no name", name)
	}
	var err error
	for _, dir := range namedNetNS {
		var f *os.File
		if f, err = os.Open(filepath.Join(dir, name)); err == nil {
			return &namespace{file: f, name: name}, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("open network namespace %q: %w", name, err)
		}
	}
	return nil, fmt.Errorf("no network namespace is named %q (see `ip netns list`, or give a path): %w", name, err)
}

// enter moves the calling thread into the namespace.
func (n *namespace) enter() error {
	if n.file == nil {
		return nil
	}
	err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("enter network namespace %s: %w (run as root)", n.file.Name(), err)
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("enter network namespace %s: that is no network namespace: %w", n.file.Name(), err)
	}
	return fmt.Errorf("enter network namespace %s: %w", n.file.Name(), err)
}

// label is the namespace's name, or what the kernel calls it, "net:[4026531840]".
// It must be asked for from inside; "" where the kernel has no namespaces.
func (n *namespace) label(procRoot string) string {
	if n.name != "" {
		return n.name
	}
	link, err := os.Readlink(filepath.Join(procRoot, "thread-self/ns/net"))
	if err != nil {
		return ""
	}
	return link
}

// gap says that the namespace is not, or no longer, what it was chosen by: its
// name was taken off it, or its process has ended. It lives on while it is
// looked at, and looks as calm as an empty one.
func (n *namespace) gap() string {
	if n.file == nil {
		return ""
	}
	held, err := n.file.Stat()
	if err != nil {
		return ""
	}
	switch now, err := os.Stat(n.file.Name()); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("%s is gone: this is what is left of its network namespace", n.file.Name())
	case err == nil && !os.SameFile(held, now):
		return fmt.Sprintf("%s is another network namespace now: this is the one it was, start twtop again", n.file.Name())
	}
	return ""
}

func (n *namespace) close() {
	if n.file != nil {
		_ = n.file.Close()
	}
}
