package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stepPrefix begins what childEnv says of a command line that does not get past
// a step of a sysctl.Guard: "step 7 kill", or "step 3 wait DIR".
const stepPrefix = "step "

// stepped runs the command line of this process. At the step it kills itself,
// or says so in DIR and waits until it is told there to go on.
func stepped(spec string) int {
	fields := strings.Fields(spec)
	deadly, err := strconv.Atoi(fields[0])
	if err != nil {
		panic(err)
	}
	n := 0
	ctx := context.WithValue(context.Background(), stepKey{}, func(string) error {
		if n++; n == deadly && fields[1] == "kill" {
			killMyself()
		} else if n == deadly {
			awaitWord(fields[2])
		}
		return nil
	})
	root := newRoot()
	root.SetArgs(os.Args[1:])
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	line, code := explain(cmd, err)
	fmt.Fprintln(os.Stderr, line)
	return code
}

func killMyself() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// The files by which a test and a process that waits speak.
const reachedFile, goFile = "reached", "go"

func awaitWord(dir string) {
	if err := os.WriteFile(filepath.Join(dir, reachedFile), nil, 0o600); err != nil {
		panic(err)
	}
	if !exists(filepath.Join(dir, goFile)) {
		panic("nobody said to go on")
	}
}

// exists waits for a file.
func exists(name string) bool {
	for range 1000 {
		if _, err := os.Stat(name); err == nil {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
