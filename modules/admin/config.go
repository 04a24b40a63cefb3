package admin

import (
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/listen"
)

// Config is the section admin.
type Config struct {
	Listen string `toml:"listen" doc:"host:port of the HTTP server with /health, /ready and /metrics, written as for transports; \"\" switches it off"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Listen: "127.0.0.1:9121"} }

// Validate reports an address that can't be used.
func (c *Config) Validate() error {
	if c.Listen == "" {
		return nil
	}
	return listen.CheckAddress("listen", c.Listen)
}

// Enabled implements module.Switched.
func (c *Config) Enabled() bool { return c.Listen != "" }

// Binds implements config.Binder.
func (c *Config) Binds() []config.Bind { return listen.Binds("listen", c.Listen) }
