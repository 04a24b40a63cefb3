package bysize

import (
	"fmt"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section eviction.allkeys_bysize.
type Config struct {
	Samples int    `toml:"samples" doc:"keys compared for each eviction, 1 to 64"`
	Keep    string `toml:"keep" doc:"keys that begin with this are never evicted; \"\" none: where all do, a full server refuses writes"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Samples: 10} }

// Validate reports what is out of range.
func (c *Config) Validate() error {
	if c.Samples < 1 || c.Samples > 64 {
		return &config.FieldError{
			Key:     "samples",
			Problem: fmt.Sprintf("%d is not in the range 1 to 64", c.Samples),
			Fix:     "10 is enough for most",
		}
	}
	return nil
}
