package pebble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

var _ module.Reader = (*Backend)(nil)

// OpenReader implements module.Reader. A server that has the store open keeps
// readers out, as it keeps other servers out.
func (b *Backend) OpenReader(context.Context) error {
	if b.db != nil {
		return b.fail(errors.New("is already open"), "call OpenReader once")
	}
	if _, err := b.fs.Stat(b.dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %s: %w", ID, b.dir, module.ErrNoSnapshot)
	}
	options := b.options()
	options.ReadOnly = true
	return b.open(options, fixRead)
}

const fixRead = "make sure that the directory holds a store and that no server uses it; a damaged one is restored from a copy"

// isStore says whether the path is a directory with a manifest, which every
// store of Pebble has.
func isStore(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return strings.HasPrefix(e.Name(), "MANIFEST-")
	})
}
