package main

import (
	"errors"
	"strconv"
	"time"
)

// interval is a flag's duration that may be a bare number of seconds, as top,
// watch and vmstat take it.
type interval time.Duration

func (i *interval) Set(s string) error {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		s = strconv.FormatFloat(n, 'f', -1, 64) + "s"
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return errors.New("want a time like 1s, 500ms or 2")
	}
	*i = interval(d)
	return nil
}

func (i *interval) String() string { return time.Duration(*i).String() }

// Type implements pflag.Value.
func (i *interval) Type() string { return "time" }

// processID is a flag's process id.
type processID int

func (p *processID) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return errors.New("want the number of a process")
	}
	*p = processID(n)
	return nil
}

func (p *processID) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.Itoa(int(*p))
}

// Type implements pflag.Value.
func (p *processID) Type() string { return "PID" }
