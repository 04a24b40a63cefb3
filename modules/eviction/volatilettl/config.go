package volatilettl

import (
	"fmt"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section eviction.volatile_ttl.
type Config struct {
	Samples int `toml:"samples" doc:"keys compared for each eviction, 1 to 64"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Samples: 5} }

// Validate reports a number out of range.
func (c *Config) Validate() error {
	if c.Samples >= 1 && c.Samples <= 64 {
		return nil
	}
	return &config.FieldError{
		Key:     "samples",
		Problem: fmt.Sprintf("%d is not in the range 1 to 64", c.Samples),
		Fix:     "5 is a good start",
	}
}
