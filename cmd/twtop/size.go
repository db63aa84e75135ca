package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/359a26c5/twtop/source/diagnosis"
)

// size is a flag's number of bytes, as `200MB`, `64KiB` or `1000000`.
type size int64

// units are longest first, so that MB is not taken for B.
var units = []struct {
	word  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9},
	{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1},
}

// maxSize is a petabyte.
const maxSize = 1e15

func (z *size) Set(s string) error {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.word)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(v*u.bytes >= 1 && v*u.bytes <= maxSize) {
			break
		}
		*z = size(v * u.bytes)
		return nil
	}
	return errors.New("want a size like 200MB, 64KiB or 1GB")
}

func (z *size) String() string {
	if *z == 0 {
		return ""
	}
	return diagnosis.Bytes(int64(*z))
}

// Type implements pflag.Value.
func (z *size) Type() string { return "SIZE" }
