package pebble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Load reads the snapshot into sink, from several goroutines at once. Damage
// may be found after records have been put: what the sink holds after an error
// is not a snapshot.
func (b *Backend) Load(ctx context.Context, sink snapshot.Sink) (snapshot.Info, error) {
	if err := b.usable(); err != nil {
		return snapshot.Info{}, err
	}
	list := b.generations()
	if len(list) == 0 {
		if err := b.takeOver(); err != nil {
			return snapshot.Info{}, err
		}
		return snapshot.Info{}, fmt.Errorf("%s: %s: %w", ID, b.dir, snapshot.ErrNoSnapshot)
	}
	b.progress.Begin(int64(total(list)))
	l := &loading{b: b, sink: sink, now: time.Now().UnixMilli(), bytes: int64(total(list))}
	err := l.run(ctx, list)
	var refused sinkError
	switch {
	case err == nil:
	case b.usable() != nil:
		return snapshot.Info{}, b.usable()
	case errors.As(err, &refused):
		return snapshot.Info{}, b.fail(err, "the store is not at fault: see the cause")
	case ctx.Err() != nil:
		return snapshot.Info{}, b.fail(context.Cause(ctx), "the load was stopped")
	default:
		return snapshot.Info{}, b.fail(err, fixDamaged)
	}
	b.mu.Lock()
	b.expired = l.expired.Load()
	b.mu.Unlock()
	if err := b.takeOver(); err != nil {
		return snapshot.Info{}, err
	}
	return snapshot.Info{Keys: l.keys.Load(), Bytes: int64(total(list))}, nil
}

// loading is one Load.
type loading struct {
	b    *Backend
	sink snapshot.Sink
	now  int64 // milliseconds since the epoch
	// bytes are those of all rows, of which each range has about the same.
	bytes int64

	keys    atomic.Int64  // put
	expired atomic.Uint64 // bytes of rows that have expired
	next    atomic.Uint32 // range of slots
	failed  atomic.Bool
}

// sinkError is what a sink says of a record.
type sinkError struct{ error }

func (e sinkError) Unwrap() error { return e.error }

func (l *loading) run(ctx context.Context, list []size) error {
	var s *scan
	if err := l.b.guarded(func() (err error) {
		s, err = l.b.scan(list[0].number, list[len(list)-1].number, total(list[1:]))
		return err
	}); err != nil {
		return err
	}
	errs := make([]error, workers())
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = l.b.guarded(func() error { return l.work(ctx, s) })
			if errs[i] != nil {
				l.failed.Store(true)
			}
		})
	}
	wg.Wait()
	// Closing repeats errors of the iteration, which are returned already.
	errs = append(errs, s.close())
	for _, err := range errs {
		if err != nil && !errors.Is(err, errElsewhere) {
			return err
		}
	}
	return s.complete()
}

// errElsewhere ends a worker after another one has failed.
var errElsewhere = errors.New("another worker has failed")

func (l *loading) work(ctx context.Context, s *scan) (err error) {
	fields := []snapshot.Field{}
	var keys int64
	r, err := s.reader(func() error {
		if l.failed.Load() {
			return errElsewhere
		}
		return ctx.Err()
	}, func(key, value []byte) error {
		rec, ok, err := parseRecord(key, value, &fields)
		if err != nil || !ok {
			return err
		}
		if rec.ExpireAt != 0 && rec.ExpireAt < l.now {
			l.expired.Add(uint64(len(key) + len(value)))
		}
		keys++
		if err := l.sink.Put(rec); err != nil {
			return sinkError{fmt.Errorf("key %.64q: %w", key, err)}
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer func() {
		l.keys.Add(keys)
		err = cmp.Or(err, r.it.Close())
	}()
	for {
		if err := r.check(); err != nil {
			return err
		}
		part := l.next.Add(1) - 1
		if part >= s.ranges {
			return nil
		}
		if err := r.read(part); err != nil {
			return err
		}
		l.b.progress.Add(l.bytes/int64(s.ranges) + 1)
	}
}
