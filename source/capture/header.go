package capture

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/359a26c5/twtop/source"
)

// Header says what a capture is of.
type Header struct {
	Version  int       `json:"version"`
	Tool     string    `json:"tool"` // "twtop 1.2.3"
	Began    time.Time `json:"began"`
	Interval Duration  `json:"interval"`
	Host     string    `json:"host,omitempty"`
	Kernel   string    `json:"kernel,omitempty"`
	NetNS    string    `json:"netns,omitempty"`
	// Anonymized: addresses are made up, consistently, and names left out.
	Anonymized bool `json:"anonymized,omitempty"`
	// About says in a sentence what it shows, for a capture that somebody keeps.
	About string `json:"about,omitempty"`
}

// Duration is a time.Duration that JSON has as "1s".
type Duration time.Duration

// MarshalText writes it as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// parseHeader reads a header, cleaned.
func parseHeader(body []byte) (Header, error) {
	var h Header
	var v struct{ Version int } // before all: the rest may be another's
	if err := json.Unmarshal(body, &v); err != nil {
		return h, fmt.Errorf("capture: the header: %w", err)
	}
	switch {
	case v.Version > Version:
		return h, fmt.Errorf("capture: it is of version %d of the format, and this twtop reads up to version %d: use a later one", v.Version, Version)
	case v.Version < 1:
		return h, fmt.Errorf("capture: the header says version %d, which there is not", v.Version)
	}
	if err := json.Unmarshal(body, &h); err != nil {
		return Header{}, fmt.Errorf("capture: the header: %w", err)
	}
	h.Interval = max(h.Interval, 0)
	for _, s := range [...]*string{&h.Tool, &h.Host, &h.Kernel, &h.NetNS, &h.About} {
		*s = source.Clean(*s, maxHeader)
	}
	return h, nil
}
