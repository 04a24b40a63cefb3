package frequency

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/config"
)

const (
	maxLogFactor = 1 << 20
	maxDecayTime = 1 << 15 // minutes; the clock comes round after twice that
)

// Config is the section eviction.allkeys_lfu or eviction.volatile_lfu.
type Config struct {
	Samples   int `toml:"samples" doc:"keys compared for each eviction, 1 to 64; more is closer to a true LFU and slower"`
	LogFactor int `toml:"log_factor" doc:"how much harder each further step of the counter of uses is, 0 to 1048576; with 10 it is full at about a million uses"`
	DecayTime int `toml:"decay_time" doc:"minutes without a use after which the counter loses one, 0 to 32768; 0: never"`
}

// NewConfig returns the defaults, which are those of Redis.
func NewConfig() *Config { return &Config{Samples: 5, LogFactor: 10, DecayTime: 1} }

// Validate reports every key that is out of range.
func (c *Config) Validate() error {
	var problems []error
	check := func(key string, value, low, high int, fix string) {
		if value < low || value > high {
			problems = append(problems, &config.FieldError{
				Key:     key,
				Problem: fmt.Sprintf("%d is not in the range %d to %d", value, low, high),
				Fix:     fix,
			})
		}
	}
	check("samples", c.Samples, 1, 64, "5 is a good start, 10 is close to a true LFU")
	check("log_factor", c.LogFactor, 0, maxLogFactor, "10 suits most loads")
	check("decay_time", c.DecayTime, 0, maxDecayTime, "use 1 for a minute, 0 to never forget a use")
	return errors.Join(problems...)
}
