package unix

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section transports.unix.
type Config struct {
	Path string `toml:"path" doc:"path of the unix socket, at most about 100 bytes; \"\" switches it off"`
	Mode string `toml:"mode" doc:"permissions of the socket in octal; connecting takes the right to write"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Mode: "0700"} }

// Validate reports every key that can't be used.
func (c *Config) Validate() error {
	var problems []error
	if strings.HasPrefix(c.Path, "@") || strings.ContainsRune(c.Path, 0) {
		problems = append(problems, &config.FieldError{
			Key:     "path",
			Problem: fmt.Sprintf("%q is not the path of a file; sockets without a file have no permissions", c.Path),
			Fix:     "use a path such as /run/redistill/redistill.sock",
		})
	}
	if _, err := c.mode(); err != nil {
		problems = append(problems, &config.FieldError{
			Key:     "mode",
			Problem: fmt.Sprintf("%q is not a number from 0 to 0777 in octal", c.Mode),
			Fix:     "use \"0700\" for the server's user alone, \"0770\" for its group too",
		})
	}
	return errors.Join(problems...)
}

// Binds implements config.Binder.
func (c *Config) Binds() []config.Bind {
	if c.Path == "" {
		return nil
	}
	return []config.Bind{{Key: "path", Address: c.Path, Network: "unix", Bound: c.Path}}
}

func (c *Config) mode() (fs.FileMode, error) {
	n, err := strconv.ParseUint(c.Mode, 8, 32)
	if err != nil {
		return 0, err
	}
	if n > 0o777 {
		return 0, strconv.ErrRange
	}
	return fs.FileMode(n), nil
}
