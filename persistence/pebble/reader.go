package pebble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/snapshot"
)

var _ snapshot.Reader = (*Backend)(nil)

// OpenReader implements snapshot.Reader. A server that has the store open keeps
// readers out, as it keeps other servers out.
func (b *Backend) OpenReader(context.Context) error {
	if b.db != nil {
		return b.fail(errors.New("is already open"), "call OpenReader once")
	}
	b.reader = true
	err := b.look()
	if errors.Is(err, errAbsent) {
		return fmt.Errorf("%s: %s: %w", ID, b.dir, snapshot.ErrNoSnapshot)
	}
	return err
}

// isStore says whether the path is a directory with a file that every store has,
// perhaps not all of them.
func isStore(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() == stateName || strings.HasPrefix(e.Name(), manifestPrefix) || strings.HasPrefix(e.Name(), manifestMarker)
	})
}
