package pebble

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/snapshot"
)

// ID is the module's name.
const ID = "persistence.pebble"

func init() {
	snapshot.Register(ID, "Incremental snapshots in a Pebble store: compressed, checked block by block", "persistence.pebble",
		DefaultConfig, New, snapshot.Location{Key: "dir", Recognises: isStore})
}

// What the store may take in memory. A snapshot is read once, from front to
// back: a cache has little to keep. With cgo it is not on the Go heap; the process
// counts it with the rest of what it holds.
const (
	cacheBytes    = 8 << 20
	memtableBytes = 1 << 20 // never filled, but Pebble makes one
	maxOpenFiles  = 128
)

// What to do about each family of problems.
const (
	fixDamaged = "the store is damaged: restore the directory from a copy, or move it away to start empty"
	fixOpen    = "make sure that the directory can be written, that no other process uses it and that it holds a sound store"
	fixBroken  = "free space or repair the disk: the next save opens the store again; the last snapshot is whole"
	fixRestart = "free space or repair the disk and restart the server; the last snapshot is whole"
)

var (
	_ snapshot.Incremental = (*Backend)(nil)
	_ snapshot.Continuous  = (*Backend)(nil)
	_ snapshot.Loader      = (*Backend)(nil)
)

// Backend keeps the newest snapshot in a Pebble store.
type Backend struct {
	cfg   Config
	dir   string
	fs    vfs.FS
	chunk int    // bytes: see chunkBytes
	floor uint64 // bytes: see mergeFloor
	db    *pebble.DB
	// lock keeps others out. It is nil where there is no lock file yet: then nobody
	// uses the store.
	lock io.Closer
	// reader: the store is for reading alone.
	reader bool
	// taken: the store is open for writing.
	taken bool
	// broken is why the open store can't be used any more: see mend.
	broken atomic.Pointer[error]
	mends  int           // so many were tried
	files  atomic.Uint64 // numbers the files in incoming

	progress snapshot.Progress // of Load, in bytes

	// background are merges; closing ends them.
	background sync.WaitGroup
	closing    context.Context
	stop       context.CancelFunc

	// mu makes a commit one with the change of the list.
	mu         sync.Mutex
	list       []size    // oldest first
	tables     []tableID // by number; their tails are in state only
	state      *state    // the last that was written; nil: none was
	recorded   bool      // state is what the store holds
	seen       []uint64  // the tables on disk when it was written, or looked at
	expired    uint64    // bytes of rows that were of no use to the last Load
	merging    bool
	mergeAfter time.Time
}

// New makes the backend; it touches no file until Open.
func New(cfg *Config) *Backend {
	return &Backend{cfg: *cfg, dir: cfg.Dir, fs: private, chunk: chunkBytes, floor: mergeFloor}
}

// ID is the module's ID.
func (b *Backend) ID() string { return ID }

// Descriptors implements module.Holder: tables, and what is written at a time.
func (b *Backend) Descriptors() int { return maxOpenFiles + 32 }

// Incremental implements snapshot.Incremental.
func (b *Backend) Incremental() bool { return true }

// SaveEvery implements snapshot.Continuous.
func (b *Backend) SaveEvery() time.Duration {
	if b.cfg.Mode == ModeContinuous {
		return b.cfg.Interval.Std()
	}
	return 0
}

// LoadProgress implements snapshot.Loader.
func (b *Backend) LoadProgress() *snapshot.Progress { return &b.progress }

// Open looks into the store, or makes an empty one. Until Load has read it, or
// Save replaces what is in it, nothing in it is changed: one that is damaged, or
// of another layout, is refused and stays as it is.
func (b *Backend) Open(context.Context) error {
	if b.db != nil {
		return b.fail(errors.New("is already open"), "call Open once")
	}
	err := b.look()
	if errors.Is(err, errAbsent) {
		return b.create()
	}
	if err != nil {
		return err
	}
	if p, ok := b.fs.(privateFS); ok {
		if err := p.writable(b.dir); err != nil {
			return errors.Join(b.fail(err, fixOpen), b.Close())
		}
	}
	return nil
}

// openDB opens the store as Pebble does.
func (b *Backend) openDB(options *pebble.Options) error {
	if _, err := guard(func() (err error) {
		b.db, err = pebble.Open(b.dir, options)
		return err
	}); err != nil {
		b.db = nil
		return err
	}
	b.closing, b.stop = context.WithCancel(context.Background())
	return nil
}

// checkLayout says whether this version can use what is in the store.
func (b *Backend) checkLayout() error {
	it, err := b.db.NewIter(nil)
	if err != nil {
		return err
	}
	err = checkLayout(it)
	return cmp.Or(err, it.Close())
}

func checkLayout(it *pebble.Iterator) error {
	if !it.First() {
		return it.Error() // an empty store
	}
	if !bytes.Equal(it.Key(), layoutKey) {
		return errors.New("it holds something else than snapshots")
	}
	p, err := it.ValueAndErr()
	switch {
	case err != nil:
		return err
	case len(p) != 1:
		return errors.New("the record of the layout makes no sense")
	case p[0] > layout:
		return fmt.Errorf("it has layout %d, of a newer version of this server than this one, which reads layout %d", p[0], layout)
	case p[0] < layout:
		return fmt.Errorf("it has layout %d, and this version reads layout %d", p[0], layout)
	}
	return nil
}

// Close closes the store. A store that broke is abandoned: it is whole on
// disk, and the next process opens it.
func (b *Backend) Close() error {
	err := error(nil)
	if b.broken.Load() == nil {
		err = b.release()
	} else {
		b.stop()
		err = b.unlock()
	}
	if err != nil {
		return b.fail(err, "the last snapshot is whole")
	}
	return nil
}

// release closes all that is open.
func (b *Backend) release() error { return errors.Join(b.closeDB(), b.unlock()) }

func (b *Backend) unlock() error {
	if b.lock == nil {
		return nil
	}
	err := b.lock.Close()
	b.lock = nil
	return err
}

// closeDB closes the store and keeps the lock.
func (b *Backend) closeDB() error {
	if b.db == nil {
		return nil
	}
	b.stop()
	b.background.Wait()
	err := b.guarded(b.db.Close)
	b.db = nil
	return err
}

func (b *Backend) options() *pebble.Options {
	return &pebble.Options{
		FS:                 ordered{b.fs},
		FormatMajorVersion: pebble.FormatTableFormatV6,
		CacheSize:          cacheBytes,
		MemTableSize:       memtableBytes,
		MaxOpenFiles:       maxOpenFiles,
		DisableWAL:         true,
		// Tables come and go whole: see the package comment. Without
		// compactions, and with no log to replay, no goroutine of Pebble's own
		// writes the manifest.
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
	case b.broken.Load() != nil && b.mends == maxMends:
		return b.fail(*b.broken.Load(), fixRestart)
	case b.broken.Load() != nil:
		return b.fail(*b.broken.Load(), fixBroken)
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
