package pebble

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/module"
)

// ID is the module's name.
const ID = "persistence.pebble"

// What the store may take in memory. A snapshot is read once, from front to
// back: a cache has little to keep.
const (
	cacheBytes    = 8 << 20
	memtableBytes = 1 << 20 // never filled, but Pebble makes one
	maxOpenFiles  = 128
)

// What to do about each family of problems.
const (
	fixDamaged = "the store is damaged: restore the directory from a copy, or move it away to start empty"
	fixOpen    = "make sure that the directory can be written, that no other process uses it and that it holds a sound store"
	fixRestart = "free space or repair the disk and restart the server; the last snapshot is whole"
)

var _ module.Backend = (*Backend)(nil)

// Backend keeps the newest snapshot in a Pebble store.
type Backend struct {
	dir   string
	fs    vfs.FS
	chunk int // bytes: see chunkBytes
	db    *pebble.DB
	// broken is why the open store can't be used any more.
	broken error
}

// New makes the backend; it touches no file until Open.
func New(cfg Config) *Backend {
	return &Backend{dir: cfg.Dir, fs: vfs.Default, chunk: chunkBytes}
}

// ID is the module's ID.
func (b *Backend) ID() string { return ID }

// Open opens the store, or makes an empty one, and removes what an interrupted
// Save has left.
func (b *Backend) Open(context.Context) error {
	if b.db != nil {
		return b.fail(errors.New("is already open"), "call Open once")
	}
	if _, err := guard(func() (err error) {
		// Pebble would make the directory too, but for everyone to read.
		if err := b.fs.MkdirAll(b.dir, 0o700); err != nil {
			return err
		}
		b.db, err = pebble.Open(b.dir, b.options())
		return err
	}); err != nil {
		b.db = nil
		return b.fail(err, fixOpen)
	}
	if err := b.fs.RemoveAll(b.incoming()); err != nil {
		return errors.Join(b.fail(err, fixOpen), b.Close())
	}
	return nil
}

// Close closes the store. A store that broke is abandoned: it is whole on
// disk, and the next process opens it.
func (b *Backend) Close() error {
	if b.db == nil || b.broken != nil {
		return nil
	}
	_, err := guard(b.db.Close)
	b.db = nil
	if err != nil {
		return b.fail(err, "the last snapshot is whole")
	}
	return nil
}

func (b *Backend) options() *pebble.Options {
	return &pebble.Options{
		FS:                 b.fs,
		FormatMajorVersion: pebble.FormatTableFormatV6,
		CacheSize:          cacheBytes,
		MemTableSize:       memtableBytes,
		MaxOpenFiles:       maxOpenFiles,
		DisableWAL:         true,
		// Tables are swapped in whole: see the package comment. Without
		// compactions, no goroutine of Pebble's own writes the manifest.
		DisableAutomaticCompactions: true,
		DisableTableStats:           true,
		Logger:                      logger{},
		// The reader returns corruption as an error; the default listener
		// would end the process as well.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
	}
}

// incoming is the directory for tables that are not yet part of the store.
func (b *Backend) incoming() string { return b.fs.PathJoin(b.dir, "incoming") }

func (b *Backend) usable() error {
	switch {
	case b.broken != nil:
		return b.fail(b.broken, fixRestart)
	case b.db == nil:
		return b.fail(errors.New("is not open"), "call Open first")
	}
	return nil
}

// fail says which store err is about and, after it, what to do.
func (b *Backend) fail(err error, fix string) error {
	return fmt.Errorf("%s: %s: %w; %s", ID, b.dir, oneLine{err}, fix)
}

// oneLine shows the first line of an error only: Pebble's go on with details
// that are for its own use.
type oneLine struct{ error }

func (e oneLine) Error() string {
	line, _, _ := strings.Cut(e.error.Error(), "\n")
	return line
}

func (e oneLine) Unwrap() error { return e.error }
