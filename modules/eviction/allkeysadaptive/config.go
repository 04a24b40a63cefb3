package allkeysadaptive

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section eviction.allkeys_adaptive.
type Config struct {
	Small float64 `toml:"small" doc:"share of the keys that the small queue, for new keys, should hold, 0.01 to 0.5"`
	Ghost float64 `toml:"ghost" doc:"how many evicted keys are remembered, as a share of those held, 0 to 4; each costs about 6 bytes"`
}

// NewConfig returns the defaults. A longer memory finds keys that come back
// later, and costs more; from 3 on it was worse in measurements.
func NewConfig() *Config { return &Config{Small: 0.1, Ghost: 2} }

// Validate reports every key that is out of range.
func (c *Config) Validate() error {
	var problems []error
	// Written so that a value that is no number is out of range too.
	if !(c.Small >= 0.01 && c.Small <= 0.5) {
		problems = append(problems, &config.FieldError{
			Key:     "small",
			Problem: fmt.Sprintf("%v is not a share from 0.01 to 0.5", c.Small),
			Fix:     "0.1 suits nearly all loads",
		})
	}
	if !(c.Ghost >= 0 && c.Ghost <= 4) {
		problems = append(problems, &config.FieldError{
			Key:     "ghost",
			Problem: fmt.Sprintf("%v is not in the range 0 to 4", c.Ghost),
			Fix:     "2 suits nearly all loads",
		})
	}
	return errors.Join(problems...)
}
