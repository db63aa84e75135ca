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
	if err := json.Unmarshal(body, &h); err != nil {
		return h, fmt.Errorf("the header: %w", err)
	}
	if h.Version > Version {
		return h, fmt.Errorf("it is of version %d of the format, and this twtop reads up to version %d: use a later one", h.Version, Version)
	}
	if h.Version < 1 {
		return h, fmt.Errorf("the header says version %d, which there is not", h.Version)
	}
	for _, s := range [...]*string{&h.Tool, &h.Host, &h.Kernel, &h.NetNS, &h.About} {
		*s = source.Clean(*s, maxHeader)
	}
	return h, nil
}
