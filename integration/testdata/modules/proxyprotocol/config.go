package proxyprotocol

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/listen"
)

// Config is the section transports.proxyprotocol.
type Config struct {
	Listen  string          `toml:"listen" doc:"host:port to accept load balancers on, port 0 any free one, \"\" switches it off"`
	From    []string        `toml:"from" doc:"addresses and networks of the load balancers; others could claim to be anybody and are closed"`
	Timeout config.Duration `toml:"timeout" doc:"how long a load balancer may take to say whose a connection is, 1ms to 1m"`
}

// NewConfig returns the defaults.
func NewConfig() *Config {
	return &Config{From: []string{"127.0.0.0/8", "::1"}, Timeout: config.Duration(5 * time.Second)}
}

// Validate reports every key that is out of range.
func (c *Config) Validate() error {
	var problems []error
	if c.Listen != "" {
		problems = append(problems, listen.CheckAddress("listen", c.Listen))
	}
	if _, err := parseNetworks(c.From); err != nil {
		problems = append(problems, err)
	}
	if d := c.Timeout.Std(); d < time.Millisecond || d > time.Minute {
		problems = append(problems, &config.FieldError{
			Key: "timeout", Problem: fmt.Sprintf("%v is not in the range 1ms to 1m", d), Fix: "5s is plenty",
		})
	}
	return errors.Join(problems...)
}

// Binds implements config.Binder.
func (c *Config) Binds() []config.Bind { return listen.Binds("listen", c.Listen) }

// networks are those of the peers that are believed.
type networks []netip.Prefix

// parseNetworks reads addresses and networks.
func parseNetworks(list []string) (networks, error) {
	var all networks
	for _, text := range list {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var addr netip.Addr
			if addr, err = netip.ParseAddr(text); err == nil {
				network, err = addr.Prefix(addr.BitLen())
			}
		}
		if err != nil {
			return nil, &config.FieldError{
				Key: "from", Problem: fmt.Sprintf("%q is neither an address nor a network", text), Fix: `write one, as in "10.0.0.0/8" or "192.0.2.7"`,
			}
		}
		all = append(all, network)
	}
	return all, nil
}

// have says whether the address is in one of the networks.
func (n networks) have(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, network := range n {
		if network.Contains(a) {
			return true
		}
	}
	return false
}
