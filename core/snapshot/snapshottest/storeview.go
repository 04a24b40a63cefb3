package snapshottest

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// storeView is what a Store held when it was taken, or what had changed. Calls
// that snapshot.View forbids fail, or panic where they can't.
type storeView struct {
	s       *Store
	taken   time.Time
	tracked bool    // it was taken with Changes
	base    changed // what had changed
	records Records
	deleted []string

	told, walked, closed bool // Deleted, Walk, Close were called
}

func (v *storeView) Taken() time.Time { return v.taken }
func (v *storeView) Full() bool       { return v.base.all }
func (v *storeView) Len() int         { return len(v.records) + 1 }

func (v *storeView) Deleted(yield func([]byte) error) error {
	if v.told || v.walked || v.closed {
		return errors.New("Deleted is called twice, or after Walk or Close")
	}
	v.told = true
	var key []byte
	for _, k := range v.deleted {
		key = append(key[:0], k...)
		if err := yield(key); err != nil {
			return err
		}
		clear(key)
	}
	return nil
}

// Walk has the workers take one record after another.
func (v *storeView) Walk(ctx context.Context, workers int, yield func(int, snapshot.Record) error) error {
	if v.walked || v.closed || len(v.deleted) > 0 && !v.told {
		return errors.New("Walk is called twice, after Close, or before Deleted")
	}
	v.walked = true
	var next atomic.Int64
	var running sync.WaitGroup
	errs := make([]error, workers)
	for n := range workers {
		running.Go(func() {
			errs[n] = v.walk(ctx, &next, func(r snapshot.Record) error { return yield(n, r) })
			next.Store(int64(len(v.records))) // if it failed, the others stop
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (v *storeView) walk(ctx context.Context, next *atomic.Int64, yield func(snapshot.Record) error) error {
	var l lender
	for {
		i := int(next.Add(1)) - 1
		if i >= len(v.records) {
			return nil
		}
		if v.s.during != nil {
			if err := v.s.during(); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.lend(v.records[i], yield); err != nil {
			return err
		}
	}
}

func (v *storeView) Close(kept bool) {
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	if v.closed || kept && !v.walked {
		panic("a view is closed twice, or kept without having been walked")
	}
	v.closed, v.s.open, v.s.kept = true, false, kept
	if v.tracked && !kept { // all of it is still to be saved
		v.s.all = v.s.all || v.base.all
		maps.Copy(v.s.keys, v.base.keys)
	}
}
