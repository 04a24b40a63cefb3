package pebble

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/redistill-go/redistill/core/module"
)

// Load reads the snapshot into sink, record by record. Damage may be found
// after records have been put: what the sink holds after an error is not a
// snapshot.
func (b *Backend) Load(ctx context.Context, sink module.Sink) (module.SnapshotInfo, error) {
	if err := b.usable(); err != nil {
		return module.SnapshotInfo{}, err
	}
	var info module.SnapshotInfo
	fatal, err := guard(func() (err error) {
		info, err = b.load(ctx, sink)
		return err
	})
	if fatal {
		b.broken = err
		err = b.fail(err, fixDamaged)
	}
	if err != nil {
		return module.SnapshotInfo{}, err
	}
	return info, nil
}

func (b *Backend) load(ctx context.Context, sink module.Sink) (module.SnapshotInfo, error) {
	want, err := b.meta()
	if err != nil {
		return module.SnapshotInfo{}, err
	}
	keys, err := b.each(ctx, sink.Put)
	if err != nil {
		return module.SnapshotInfo{}, err
	}
	if keys != want.keys {
		return module.SnapshotInfo{}, b.fail(fmt.Errorf("the snapshot holds %d keys and should hold %d", keys, want.keys), fixDamaged)
	}
	return module.SnapshotInfo{Keys: int64(keys), Bytes: int64(want.bytes)}, nil
}

// meta reads the meta record. A store without one holds no snapshot.
func (b *Backend) meta() (meta, error) {
	p, closer, err := b.db.Get(metaKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return meta{}, fmt.Errorf("%s: %s: %w", ID, b.dir, module.ErrNoSnapshot)
	}
	if err != nil {
		return meta{}, b.fail(err, fixDamaged)
	}
	m, err := parseMeta(p)
	if err = errors.Join(err, closer.Close()); err != nil {
		return meta{}, b.fail(err, fixDamaged)
	}
	return m, nil
}

// each calls put with every record and counts them.
func (b *Backend) each(ctx context.Context, put func(module.Record) error) (keys uint64, err error) {
	it, err := b.db.NewIter(&pebble.IterOptions{LowerBound: recordKey, UpperBound: endKey})
	if err != nil {
		return 0, b.fail(err, fixDamaged)
	}
	defer func() {
		// Close repeats an error of the iteration, which is returned already.
		if closeErr := it.Close(); err == nil && closeErr != nil {
			err = b.fail(closeErr, fixDamaged)
		}
	}()
	fields := []module.Field{}
	for ok := it.First(); ok; ok = it.Next() {
		if keys%checkEvery == 0 && ctx.Err() != nil {
			return keys, b.fail(context.Cause(ctx), "the load was stopped")
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return keys, b.fail(err, fixDamaged)
		}
		r, err := parseRecord(it.Key(), value, &fields)
		if err != nil {
			return keys, b.fail(fmt.Errorf("record %d: %w", keys+1, err), fixDamaged)
		}
		if err := put(r); err != nil {
			return keys, b.fail(fmt.Errorf("record %d: %w", keys+1, err), "the store is not at fault: see the cause")
		}
		keys++
	}
	if err := it.Error(); err != nil {
		return keys, b.fail(err, fixDamaged)
	}
	return keys, nil
}
