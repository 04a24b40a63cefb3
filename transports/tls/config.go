package tls

import (
	"errors"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/listen"
)

// Config is the section transports.tls.
type Config struct {
	Listen   string `toml:"listen" doc:"host:port to accept TLS clients on; * is every IPv4 address, [::] every IPv6 address, an empty host both, port 0 any free one, \"\" switches TLS off"`
	Cert     string `toml:"cert" doc:"PEM file with the server's certificate, then those of the authorities between it and the root"`
	Key      string `toml:"key" doc:"PEM file with the certificate's private key"`
	ClientCA string `toml:"client_ca" doc:"PEM file with the authorities that clients' certificates must come from; \"\" asks clients for none"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{} }

// Validate reports every key that can't be used. Start reads the files.
func (c *Config) Validate() error {
	if c.Listen == "" {
		return nil
	}
	problems := []error{listen.CheckAddress("listen", c.Listen)}
	for _, file := range []struct{ key, value, holds string }{
		{"cert", c.Cert, "certificate"},
		{"key", c.Key, "private key"},
	} {
		if file.value == "" {
			problems = append(problems, &config.FieldError{
				Key:     file.key,
				Problem: "TLS needs a " + file.holds,
				Fix:     "name its PEM file, or set listen to \"\" to switch TLS off",
			})
		}
	}
	return errors.Join(problems...)
}

// Binds implements config.Binder.
func (c *Config) Binds() []config.Bind { return listen.Binds("listen", c.Listen) }
