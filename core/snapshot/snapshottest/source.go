package snapshottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// NewSource makes a Source that holds nothing, and what sets a key of it to a string,
// which may be called while a view is walked.
type NewSource func(t testing.TB) (s snapshot.Source, put func(r snapshot.Record))

// RunSource runs the suite of sources: what a backend may expect of the views that it
// gets. Backends have Run.
func RunSource(t *testing.T, fresh NewSource) {
	t.Run("a view has each record once", func(t *testing.T) { complete(t, fresh) })
	t.Run("a view is of its moment", func(t *testing.T) { ofItsMoment(t, fresh) })
	t.Run("there is one view at a time", func(t *testing.T) { oneView(t, fresh) })
	t.Run("a walk stops at the first error", func(t *testing.T) { stopsAtError(t, fresh) })
	t.Run("a walk ends with its context", func(t *testing.T) { endsWithContext(t, fresh) })
}

// sourced is how many records the sources have: enough that a walk is not over before
// it can be stopped.
const sourced = 3000

func filled(t *testing.T, fresh NewSource) (snapshot.Source, func(snapshot.Record), Records) {
	t.Helper()
	s, put := fresh(t)
	var all Records
	for i := range sourced {
		all = append(all, snapshot.Record{Key: fmt.Appendf(nil, "key:%d", i), Value: fmt.Appendf(nil, "value %d", i), ExpireAt: int64(i%2) << 50})
		put(all[i])
	}
	return s, put, all
}

func viewOf(t *testing.T, s snapshot.Source) snapshot.View {
	t.Helper()
	v, err := s.View()
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return v
}

// collect walks the view with several workers.
func collect(t *testing.T, v snapshot.View, each func(i int64)) (got Records) {
	t.Helper()
	const workers = 3
	var mu sync.Mutex
	var n atomic.Int64
	err := v.Walk(t.Context(), workers, func(worker int, r snapshot.Record) error {
		if worker < 0 || worker >= workers {
			return fmt.Errorf("worker %d of %d", worker, workers)
		}
		each(n.Add(1) - 1)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, snapshot.Record{Key: bytes.Clone(r.Key), Value: bytes.Clone(r.Value), ExpireAt: r.ExpireAt})
		return nil
	})
	if err != nil {
		t.Fatalf("Walk: %v", err)
	}
	return got
}

func complete(t *testing.T, fresh NewSource) {
	s, _, all := filled(t, fresh)
	for range 2 {
		v := viewOf(t, s)
		if !v.Full() {
			t.Error("a View is not full")
		}
		if err := v.Deleted(func([]byte) error { return errors.New("a full view tells of deletions") }); err != nil {
			t.Error(err)
		}
		if n := v.Len(); n < len(all)/2 || n > 2*len(all) {
			t.Errorf("about %d records, of %d", n, len(all))
		}
		Same(t, collect(t, v, func(int64) {}), all)
		v.Close(true)
	}
}

// ofItsMoment writes before and during the walk.
func ofItsMoment(t *testing.T, fresh NewSource) {
	s, put, all := filled(t, fresh)
	v := viewOf(t, s)
	defer v.Close(false)
	change := func(i int64) {
		put(snapshot.Record{Key: all[sourced-1-int(i)%sourced].Key, Value: []byte("changed")})
		put(snapshot.Record{Key: fmt.Appendf(nil, "new:%d", i), Value: []byte("new")})
	}
	change(sourced)
	Same(t, collect(t, v, change), all)
}

func oneView(t *testing.T, fresh NewSource) {
	s, _, _ := filled(t, fresh)
	v := viewOf(t, s)
	if second, err := s.View(); err == nil {
		second.Close(false)
		t.Error("there are two views at once")
	}
	v.Close(false)
	viewOf(t, s).Close(false)
}

func stopsAtError(t *testing.T, fresh NewSource) {
	s, _, _ := filled(t, fresh)
	v := viewOf(t, s)
	defer v.Close(false)
	var after atomic.Int64
	err := v.Walk(t.Context(), 2, func(int, snapshot.Record) error {
		after.Add(1)
		return errDeliberate
	})
	if !errors.Is(err, errDeliberate) {
		t.Errorf("Walk: %v, want the error of yield", err)
	}
	if n := after.Load(); n > 2 {
		t.Errorf("2 workers yielded %d records, each after an error", n)
	}
}

// endsWithContext ends the context before the walk, at its first record, in the midst
// and with the last record.
func endsWithContext(t *testing.T, fresh NewSource) {
	for _, at := range []int64{-1, 0, sourced / 2, sourced - 1} {
		s, _, _ := filled(t, fresh)
		v := viewOf(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		if at < 0 {
			cancel()
		}
		var n atomic.Int64
		err := v.Walk(ctx, 2, func(int, snapshot.Record) error {
			if n.Add(1)-1 == at {
				cancel()
			}
			return nil
		})
		cancel()
		v.Close(false)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the context ended at record %d and the walk says %v", at, err)
		}
		if n.Load() == sourced && at < 1 {
			t.Errorf("the context ended at record %d and all records were yielded", at)
		}
	}
}
