package file

import (
	"os"
	"path/filepath"
	"strings"
)

// A temporary file is named after the snapshot, so that servers that share a
// directory don't take each other's: dump.rdb.redistill-123456.tmp.
const (
	tempInfix  = ".redistill-"
	tempSuffix = ".tmp"
)

func (b *Backend) createTemp() (*os.File, error) {
	return os.CreateTemp(b.dir(), filepath.Base(b.path)+tempInfix+"*"+tempSuffix)
}

// removeStale removes the temporary files of this snapshot that an earlier
// process could not remove itself.
func (b *Backend) removeStale() error {
	entries, err := os.ReadDir(b.dir())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && b.isTemp(e.Name()) {
			if err := os.Remove(filepath.Join(b.dir(), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Backend) isTemp(name string) bool {
	rest, ok := strings.CutPrefix(name, filepath.Base(b.path)+tempInfix)
	if !ok {
		return false
	}
	number, ok := strings.CutSuffix(rest, tempSuffix)
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// syncDir makes a rename in the directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		_ = d.Close() // the sync's error is the one that matters
		return err
	}
	return d.Close()
}
