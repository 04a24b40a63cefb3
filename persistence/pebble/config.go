package pebble

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/sstable/block"

	"github.com/redistill-go/redistill/core/config"
)

// The modes.
const (
	ModeSnapshot   = "snapshot"
	ModeContinuous = "continuous"
)

// minInterval is how often changes can be flushed.
const minInterval = time.Second

// profiles are the compressions to choose from.
var profiles = map[string]*block.CompressionProfile{
	"none":   block.NoCompression,
	"minlz":  block.MinLZCompression,
	"snappy": block.SnappyCompression,
	"zstd":   block.ZstdCompression,
}

// Config is the section persistence.pebble.
type Config struct {
	Dir         string          `toml:"dir" doc:"the store's own directory; made if it does not exist"`
	Mode        string          `toml:"mode" doc:"\"snapshot\": changes are written as often as persistence.interval and on SAVE; \"continuous\": in the background every interval below, in place of persistence.interval, so that a crash loses no more"`
	Interval    config.Duration `toml:"interval" doc:"time from one flush of changes to the next in the continuous mode, 1s or more"`
	Compression string          `toml:"compression" doc:"\"snappy\", \"minlz\" (about as fast, smaller), \"zstd\" (smallest, slower) or \"none\"; what is in the store stays as it was written"`
}

// DefaultConfig is the section with nothing set.
func DefaultConfig() *Config {
	return &Config{Dir: "redistill.pebble", Mode: ModeSnapshot, Interval: config.Duration(minInterval), Compression: "snappy"}
}

// Validate reports what is wrong with the section as config.FieldErrors.
func (c *Config) Validate() error {
	var problems []error
	refuse := func(key, problem, fix string) {
		problems = append(problems, &config.FieldError{Key: key, Problem: problem, Fix: fix})
	}
	const fixDir = "name a directory of its own, as in /var/lib/redistill/store"
	if c.Dir == "" {
		refuse("dir", "is empty", fixDir)
	}
	if strings.ContainsRune(c.Dir, 0) {
		refuse("dir", "holds a zero byte", fixDir)
	}
	if c.Mode != ModeSnapshot && c.Mode != ModeContinuous {
		refuse("mode", fmt.Sprintf("%q is no mode", c.Mode), fmt.Sprintf("use %q or %q", ModeSnapshot, ModeContinuous))
	}
	if c.Interval.Std() < minInterval {
		refuse("interval", fmt.Sprintf("%s is too short", c.Interval), fmt.Sprintf("use %s or more", minInterval))
	}
	if profiles[c.Compression] == nil {
		refuse("compression", fmt.Sprintf("%q is unknown", c.Compression), "use one of "+strings.Join(slices.Sorted(maps.Keys(profiles)), ", "))
	}
	return errors.Join(problems...)
}
