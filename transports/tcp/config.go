package tcp

import (
	"errors"
	"fmt"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/listen"
)

// maxKeepalive is the longest that Linux takes for TCP_KEEPIDLE.
const maxKeepalive = 32767 * time.Second

// Config is the section transports.tcp.
type Config struct {
	Listen    string          `toml:"listen" doc:"host:port to accept clients on; * is every IPv4 address, [::] every IPv6 address, an empty host both, port 0 any free one, \"\" switches TCP off"`
	Keepalive config.Duration `toml:"keepalive" doc:"silence after which the system probes whether a client is still there, 1s to 9h; 0 never"`
	Nodelay   bool            `toml:"nodelay" doc:"send replies at once rather than collect small ones (TCP_NODELAY)"`
}

// NewConfig returns the defaults.
func NewConfig() *Config {
	return &Config{
		Listen:    "127.0.0.1:6379",
		Keepalive: config.Duration(300 * time.Second),
		Nodelay:   true,
	}
}

// Validate reports every key that is out of range.
func (c *Config) Validate() error {
	var problems []error
	if c.Listen != "" {
		problems = append(problems, listen.CheckAddress("listen", c.Listen))
	}
	if k := c.Keepalive.Std(); k != 0 && (k < time.Second || k > maxKeepalive) {
		problems = append(problems, &config.FieldError{
			Key:     "keepalive",
			Problem: fmt.Sprintf("%v is not in the range 1s to %v", k, maxKeepalive),
			Fix:     "use a time such as 300s, or 0 for no probes",
		})
	}
	return errors.Join(problems...)
}

// Binds implements config.Binder.
func (c *Config) Binds() []config.Bind { return listen.Binds("listen", c.Listen) }
