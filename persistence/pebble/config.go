package pebble

import (
	"errors"
	"strings"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section persistence.pebble.
type Config struct {
	Dir string `toml:"dir" doc:"the store's own directory; made if it does not exist"`
}

// DefaultConfig is the section with nothing set.
func DefaultConfig() *Config { return &Config{Dir: "redistill.pebble"} }

// Validate reports what is wrong with the section as config.FieldErrors.
func (c *Config) Validate() error {
	const fix = "name a directory of its own, as in /var/lib/redistill/store"
	var problems []error
	if c.Dir == "" {
		problems = append(problems, &config.FieldError{Key: "dir", Problem: "is empty", Fix: fix})
	}
	if strings.ContainsRune(c.Dir, 0) {
		problems = append(problems, &config.FieldError{Key: "dir", Problem: "holds a zero byte", Fix: fix})
	}
	return errors.Join(problems...)
}
