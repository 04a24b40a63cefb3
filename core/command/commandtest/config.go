package commandtest

import "errors"

// Config is a configuration with a few parameters, all of which can be set to anything
// but "fixed".
type Config struct{ pairs [][2]string }

// NewConfig gives all parameters the values that they have in a server that was told
// nothing.
func NewConfig() *Config {
	return &Config{[][2]string{
		{"databases", "1"}, {"maxmemory", "0"}, {"maxmemory-policy", "noeviction"}, {"requirepass", ""}, {"fixed", "1"},
	}}
}

// Get is that of command.Config.
func (c *Config) Get(match func(name string) bool, visit func(name, value string)) {
	for _, p := range c.pairs {
		if match(p[0]) {
			visit(p[0], p[1])
		}
	}
}

// Set is that of command.Config.
func (c *Config) Set(pairs [][2]string) error {
	for _, p := range pairs {
		if p[0] == "fixed" {
			return errors.New("ERR CONFIG SET failed (possibly related to argument 'fixed') - can't set immutable config")
		}
		for i := range c.pairs {
			if c.pairs[i][0] == p[0] {
				c.pairs[i][1] = p[1]
			}
		}
	}
	return nil
}
