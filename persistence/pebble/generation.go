package pebble

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/snapshot"
)

const (
	// chunkBytes is how many bytes of rows all workers together gather in
	// memory and sort before they write them. A larger row is a chunk of its
	// own.
	chunkBytes = 8 << 20
	// tableChunks is how many chunks a table file has at most.
	tableChunks = 16
)

// generation writes the rows of one commit as table files beside the store.
// Each worker is for one goroutine.
type generation struct {
	b       *Backend
	number  uint32
	limit   int // bytes of a chunk
	options sstable.WriterOptions
	workers []worker
	syncs   syncs

	tables atomic.Uint32 // so many have been begun
	rows   atomic.Uint64 // so many are in tables

	mu    sync.Mutex
	paths []string
	bytes uint64 // of the tables that are complete
}

// worker is one goroutine's part of a generation.
type worker struct {
	g     *generation
	chunk chunk
	table *table // nil: none is open
	key   []byte
	// rest leaves time to clients; nil: nobody asks for it.
	rest func() error
}

// restEvery is after how many rows that are written to a table.
const restEvery = 256

// generation begins one that n goroutines write to. large says that all of them
// will fill their chunks.
func (b *Backend) generation(number uint32, n int, large bool) *generation {
	g := &generation{b: b, number: number, limit: b.chunk / n, options: b.tableOptions(), workers: make([]worker, n)}
	for i := range g.workers {
		g.workers[i].g = g
		if large { // growing to this would leave several times as much for the collector
			g.workers[i].chunk.arena = make([]byte, 0, g.limit)
		}
	}
	return g
}

// put takes a record; its bytes may be reused afterwards.
func (w *worker) put(r snapshot.Record) error {
	n := len(r.Key) + valueSize(r)
	if n > maxRecord {
		return fmt.Errorf("key %.64q is a hash of about %d bytes, and this backend keeps hashes of up to %d: split it, or set persistence.backend to \"file\"", r.Key, n, maxRecord)
	}
	if err := w.room(n); err != nil {
		return err
	}
	w.chunk.add(r.Key, func(dst []byte) []byte { return appendValue(dst, r) })
	return nil
}

// set takes a row as it is in the store.
func (w *worker) set(key, value []byte) error {
	if err := w.room(len(key) + len(value)); err != nil {
		return err
	}
	w.chunk.add(key, func(dst []byte) []byte { return append(dst, value...) })
	return nil
}

// room writes the chunk to the table if n more bytes are too many for it.
func (w *worker) room(n int) error {
	if len(w.chunk.arena) == 0 || len(w.chunk.arena)+n <= w.g.limit {
		return nil
	}
	return w.flush()
}

func (w *worker) flush() error {
	if len(w.chunk.rows) == 0 {
		return nil
	}
	if w.table == nil {
		var err error
		if w.table, err = w.g.begin(); err != nil {
			return err
		}
	}
	t := w.table
	w.key = appendChunk(w.key[:0], w.g.number, t.number*tableChunks+t.chunks)
	before := t.rows
	if err := w.chunk.each(func(slot uint16, key, value []byte) error {
		if (t.rows-before)%restEvery == restEvery-1 && w.rest != nil {
			if err := w.rest(); err != nil {
				return err
			}
		}
		w.key = setSlot(w.key, slot, key)
		return t.set(w.key, value)
	}); err != nil {
		return err
	}
	w.g.rows.Add(uint64(t.rows - before))
	w.chunk.reset(w.g.limit)
	if t.chunks++; t.chunks == tableChunks {
		return w.end()
	}
	return nil
}

// end completes the table that is open.
func (w *worker) end() error {
	t := w.table
	if t == nil {
		return nil
	}
	w.table = nil
	return w.g.end(t)
}

// begin makes the next table file.
func (g *generation) begin() (*table, error) {
	name := g.b.fs.PathJoin(g.b.incoming(), fmt.Sprintf("%06d.sst", g.b.files.Add(1)))
	f, err := g.b.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.paths = append(g.paths, name)
	g.mu.Unlock()
	return &table{number: g.tables.Add(1) - 1, w: sstable.NewWriter(g.syncs.file(f), g.options)}, nil
}

// end completes a table file; it need not be synced yet.
func (g *generation) end(t *table) error {
	if err := t.w.Close(); err != nil {
		return err
	}
	m, err := t.w.Metadata()
	if err != nil {
		return err
	}
	g.mu.Lock()
	g.bytes += m.Size
	g.mu.Unlock()
	return nil
}

// finish completes and syncs all tables. first says that the store has no rows
// yet, and so does not say which layout it has.
func (g *generation) finish(full, first bool) error {
	if first {
		t, err := g.begin()
		if err != nil {
			return err
		}
		if err := errors.Join(t.set(layoutKey, []byte{layout}), g.end(t)); err != nil {
			return err
		}
	}
	for i := range g.workers {
		if err := g.workers[i].flush(); err != nil {
			return err
		}
	}
	// The header comes after all chunks: the last table has it.
	last := g.tables.Load() - 1
	var t *table
	for i := range g.workers {
		w := &g.workers[i]
		switch {
		case w.table == nil:
		case w.table.number == last:
			t, w.table = w.table, nil
		default:
			if err := w.end(); err != nil {
				return err
			}
		}
	}
	if t == nil {
		var err error
		if t, err = g.begin(); err != nil {
			return err
		}
	}
	err := t.set(appendChunk(nil, g.number, headerChunk), header{full: full, rows: g.rows.Load(), recorded: true}.encode())
	return errors.Join(err, g.end(t), g.syncs.wait())
}

// empty says that no row was added.
func (g *generation) empty() bool {
	return g.tables.Load() == 0 && !slices.ContainsFunc(g.workers, func(w worker) bool { return len(w.chunk.rows) > 0 })
}

// drop removes the files of a generation that is not committed. Should that
// fail, the next Open repeats it.
func (g *generation) drop() {
	for i := range g.workers {
		_ = g.workers[i].end()
	}
	_ = g.syncs.wait()
	for _, name := range g.paths {
		_ = g.b.fs.Remove(name)
	}
}
