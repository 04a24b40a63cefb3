package pebble

import (
	"context"
	"fmt"
	"runtime"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/redistill-go/redistill/core/snapshot"
)

// checkEvery is after how many rows a cancelled context is noticed.
const checkEvery = 1024

// maxWorkers bounds how many goroutines write a snapshot or read one: more
// would only wait for the disk.
const maxWorkers = 8

// fewRows of changes are written by one worker, to one file.
const fewRows = 1 << 14

func workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

const fixSave = "check the space and the permissions of the directory; the last snapshot is untouched"

// Save writes what changed in src since the last Save, or all of it, as tables,
// and adds them to the store in one atomic step, or swaps them in for what it
// held. Until then, the store is not touched. Should the disk fail during the
// step itself, the store is whole on disk with one snapshot or the other, but
// must be opened again, which the next Save does: until then every call says so.
func (b *Backend) Save(ctx context.Context, src snapshot.Source) (snapshot.Info, error) {
	if err := b.mend(); err != nil {
		return snapshot.Info{}, err
	}
	if err := b.usable(); err != nil {
		return snapshot.Info{}, err
	}
	if err := b.takeOver(); err != nil {
		return snapshot.Info{}, err
	}
	view, err := src.Changes()
	if err != nil {
		return snapshot.Info{}, b.fail(err, "the last snapshot is untouched")
	}
	info, err := b.save(ctx, view)
	view.Close(err == nil)
	switch {
	case err == nil:
		b.merge()
		return info, nil
	case b.usable() != nil:
		return snapshot.Info{}, b.usable()
	case ctx.Err() != nil:
		return snapshot.Info{}, b.fail(err, "the save was stopped; the last snapshot is untouched")
	default:
		return snapshot.Info{}, b.fail(err, fixSave)
	}
}

func (b *Backend) save(ctx context.Context, view snapshot.View) (info snapshot.Info, err error) {
	n := workers()
	if !view.Full() && view.Len() < fewRows {
		n = 1
	}
	g := b.generation(b.next(), n, n > 1)
	defer func() {
		if err != nil {
			g.drop()
		}
	}()
	if paced, ok := view.(snapshot.Paced); ok {
		for i := range g.workers {
			g.workers[i].rest = func() error { return paced.Rest(ctx, i) }
		}
	}
	if err := view.Deleted(func(key []byte) error { return g.workers[0].set(key, tombstone) }); err != nil {
		return info, err
	}
	if n > 1 { // what the other workers write comes after the deletions
		if err := g.workers[0].flush(); err != nil {
			return info, err
		}
	}
	seen := make([]struct {
		rows int
		_    [56]byte // a cache line for each worker
	}, len(g.workers))
	if err := view.Walk(ctx, len(g.workers), func(n int, r snapshot.Record) error {
		if seen[n].rows%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		seen[n].rows++
		return g.workers[n].put(r)
	}); err != nil {
		return info, err
	}
	if !view.Full() && g.empty() {
		return info, ctx.Err()
	}
	if err := g.finish(view.Full(), view.Full() || len(b.generations()) == 0); err != nil {
		return info, err
	}
	if ctx.Err() != nil { // the last moment at which the old snapshot can stay
		return info, context.Cause(ctx)
	}
	for _, s := range seen {
		info.Keys += int64(s.rows)
	}
	info.Bytes = int64(g.bytes)
	b.mu.Lock()
	defer b.mu.Unlock()
	if !view.Full() {
		return info, b.commit(g, pebble.KeyRange{})
	}
	b.expired = 0
	return info, b.commit(g, pebble.KeyRange{Start: layoutKey, End: endKey})
}

// commit makes the generation part of the store in place of what is in the
// span, if there is one, and records it. b.mu is held.
func (b *Backend) commit(g *generation, span pebble.KeyRange) error {
	if !b.recorded { // the record may be one commit behind, but not two
		if err := b.record(); err != nil {
			return err
		}
	}
	if err := b.guarded(func() error {
		// Not a context that ends: the step is short and must not stop in the middle.
		ctx := context.Background()
		if !span.Valid() {
			return b.db.Ingest(ctx, g.paths)
		}
		_, err := b.db.IngestAndExcise(ctx, g.paths, nil, nil, span)
		return err
	}); err != nil {
		return err
	}
	b.recorded = false
	if err := b.refresh(); err != nil {
		return err
	}
	if err := b.record(); err != nil {
		return fmt.Errorf("the snapshot is in place, but %s could not be written: %w", stateName, err)
	}
	return nil
}

// tableOptions are how the store itself would write its tables.
func (b *Backend) tableOptions() sstable.WriterOptions {
	o := b.options()
	o.EnsureDefaults()
	w := o.MakeWriterOptions(0, b.db.TableFormat())
	w.BlockSize = blockBytes
	w.Compression = profiles[b.cfg.Compression]
	return w
}
