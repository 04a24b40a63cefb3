package pebble

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/redistill-go/redistill/core/module"
)

// checkEvery is after how many keys a cancelled context is noticed.
const checkEvery = 1024

// blockBytes is the unit of compression and of checksums on disk.
const blockBytes = 32 << 10

// Save writes a view of src as tables and swaps them in for the snapshot before. Until
// the swap, the store is not touched. Should the disk fail during the swap
// itself, the store is whole on disk with one snapshot or the other, but must
// be reopened: every later call says so.
func (b *Backend) Save(ctx context.Context, src module.Source) (module.SnapshotInfo, error) {
	if err := b.usable(); err != nil {
		return module.SnapshotInfo{}, err
	}
	view, err := src.View()
	if err != nil {
		return module.SnapshotInfo{}, b.fail(err, "the last snapshot is untouched")
	}
	m, err := b.save(ctx, view)
	view.Close(err == nil)
	if b.broken != nil {
		return module.SnapshotInfo{}, b.usable()
	}
	// After a success the directory is empty; after an error its tables are of
	// no use. Should this fail, the next Save or Open repeats it.
	_ = b.fs.RemoveAll(b.incoming())
	switch {
	case err == nil:
		return module.SnapshotInfo{Keys: int64(m.keys), Bytes: int64(m.bytes)}, nil
	case ctx.Err() != nil:
		return module.SnapshotInfo{}, b.fail(err, "the save was stopped; the last snapshot is untouched")
	default:
		return module.SnapshotInfo{}, b.fail(err, "check the space and the permissions of the directory; the last snapshot is untouched")
	}
}

func (b *Backend) save(ctx context.Context, view module.View) (meta, error) {
	if err := b.fs.RemoveAll(b.incoming()); err != nil {
		return meta{}, err
	}
	if err := b.fs.MkdirAll(b.incoming(), 0o700); err != nil {
		return meta{}, err
	}
	t := &tables{fs: b.fs, dir: b.incoming(), options: b.tableOptions(), limit: b.chunk}
	seen := 0
	if err := view.Walk(ctx, 1, func(_ int, r module.Record) error {
		if seen%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		seen++
		return t.add(r)
	}); err != nil {
		return meta{}, err
	}
	paths, m, err := t.finish()
	if err != nil {
		return meta{}, err
	}
	if ctx.Err() != nil { // the last moment at which the old snapshot can stay
		return meta{}, context.Cause(ctx)
	}
	fatal, err := guard(func() error {
		// Not ctx: the swap is short and must not stop in the middle.
		_, err := b.db.IngestAndExcise(context.WithoutCancel(ctx), paths, nil, nil,
			pebble.KeyRange{Start: metaKey, End: endKey})
		return err
	})
	if fatal {
		b.broken = err
	}
	return m, err
}

// tableOptions are how the store itself would write its tables.
func (b *Backend) tableOptions() sstable.WriterOptions {
	o := b.options()
	o.EnsureDefaults()
	w := o.MakeWriterOptions(0, b.db.TableFormat())
	w.BlockSize = blockBytes
	return w
}
