package file

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/redistill-go/redistill/persistence/disk"
)

// A temporary file is named after the snapshot, so that servers that share a
// directory don't take each other's: dump.rdb.redistill-123456.tmp.
const (
	tempInfix  = ".redistill-"
	tempSuffix = ".tmp"
)

// temp is a temporary file that is open.
type temp struct {
	disk.File
	name string
}

func (b *Backend) createTemp() (temp, error) {
	name := fmt.Sprint(b.path, tempInfix, rand.Uint64(), tempSuffix)
	f, err := b.fs.Create(name)
	return temp{f, name}, err
}

// removeStale removes, once, the temporary files of this snapshot that an earlier
// process could not remove itself. Those that can't be removed are in nobody's way.
func (b *Backend) removeStale() {
	if !b.stale {
		return
	}
	b.stale = false
	if err := b.removeTemps(); err != nil {
		slog.Warn("what an interrupted save has left can't be removed", "module", ID, "error", err)
	}
}

func (b *Backend) removeTemps() error {
	names, err := b.fs.List(b.dir())
	if err != nil {
		return err
	}
	for _, name := range names {
		if b.isTemp(name) {
			if err := b.fs.Remove(filepath.Join(b.dir(), name)); err != nil {
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
