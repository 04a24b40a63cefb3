package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/redistill-go/redistill/core/config"
)

// Config is the section persistence.file.
type Config struct {
	Path            string `toml:"path" doc:"the snapshot file; its directory must exist and be writable"`
	Compression     bool   `toml:"compression" doc:"whether strings of 21 bytes to 1 MiB are compressed where that makes them shorter, as Redis's rdbcompression does"`
	SkipUnsupported bool   `toml:"skip_unsupported" doc:"whether what this server does not have is left out when a file of Redis is loaded, and counted in the log, instead of being an error: keys of other types and databases, function libraries, data of modules"`
}

// DefaultConfig is the section with nothing set.
func DefaultConfig() *Config { return &Config{Path: "dump.rdb", Compression: true} }

// Validate reports what is wrong with the section as config.FieldErrors.
func (c *Config) Validate() error {
	const fix = "name a file, as in /var/lib/redistill/dump.rdb"
	var problems []error
	refuse := func(problem string) {
		problems = append(problems, &config.FieldError{Key: "path", Problem: problem, Fix: fix})
	}
	switch base := filepath.Base(c.Path); {
	case c.Path == "":
		refuse("is empty")
	case strings.HasSuffix(c.Path, string(os.PathSeparator)) || base == "." || base == "..":
		refuse("is a directory")
	}
	if strings.ContainsRune(c.Path, 0) {
		refuse("holds a zero byte")
	}
	return errors.Join(problems...)
}
