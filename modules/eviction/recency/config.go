package recency

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section eviction.allkeys_lru or eviction.volatile_lru.
type Config struct {
	Samples      int     `toml:"samples" doc:"keys compared for each eviction, 1 to 64; more is closer to a true LRU and slower"`
	ReadSampling float64 `toml:"read_sampling" doc:"share of the reads that always count as a use of their key, 0.000001 to 1; others count if the key is on its way to be evicted"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Samples: 10, ReadSampling: 0.1} }

// Validate reports every key that is out of range.
func (c *Config) Validate() error {
	var problems []error
	if c.Samples < 1 || c.Samples > 64 {
		problems = append(problems, &config.FieldError{
			Key:     "samples",
			Problem: fmt.Sprintf("%d is not in the range 1 to 64", c.Samples),
			Fix:     "10 is close to a true LRU, 5 is a little faster",
		})
	}
	// Written so that a value that is no number is out of range too.
	if !(c.ReadSampling >= minShare && c.ReadSampling <= 1) {
		problems = append(problems, &config.FieldError{
			Key:     "read_sampling",
			Problem: fmt.Sprintf("%v is not a share from %v to 1", c.ReadSampling, minShare),
			Fix:     "use 0.1 for every tenth read, 1 for every read",
		})
	}
	return errors.Join(problems...)
}
