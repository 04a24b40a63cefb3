package snapshottest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// pointInTime: what a snapshot holds is what the store held when the view was
// taken, whatever happens while it is walked.
func (f Factory) pointInTime(t *testing.T) {
	const space = 3000
	dir := t.TempDir()
	b := f.open(t, dir)
	s := NewStore()
	random := rand.New(rand.NewPCG(1, 2))
	s.Churn(random, 2*space, space)
	var mu sync.Mutex // of random
	s.during = func() error {
		mu.Lock()
		defer mu.Unlock()
		s.Churn(random, 2, space)
		return nil
	}
	for range 3 {
		b.saveStore(t, s)
		b.wantLoad(t, s.Taken())
	}
	b.close(t)
	f.open(t, dir).wantLoad(t, s.Taken())
}

func (o *opened) saveStore(t *testing.T, s *Store) {
	t.Helper()
	if _, err := o.Save(t.Context(), s); err != nil {
		t.Fatalf("Save: %v", err)
	}
	s.wantClosed(t, true)
}

// wantClosed fails the test unless the last view was closed, as kept or not.
func (s *Store) wantClosed(t *testing.T, kept bool) {
	t.Helper()
	if s.open || s.kept != kept {
		t.Fatalf("after Save the view is open: %v, or closed as kept: %v, want %v", s.open, s.kept, kept)
	}
}

// increments: one snapshot after another, some of which fail or are stopped,
// with changes of all kinds between them, and restarts. A backend that is not
// incremental has to pass as well: it saves everything each time.
func (f Factory) increments(t *testing.T) {
	const space = 400
	dir := t.TempDir()
	b := f.open(t, dir)
	s := NewStore()
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		switch {
		case round == 30:
			s.Flush()
		case round%7 == 3: // nothing has changed
		default:
			s.Churn(random, random.IntN(space), space)
		}
		if round%5 == 4 {
			s.failingSave(t, b, round%2 == 0)
			s.Churn(random, random.IntN(20), space)
		}
		b.saveStore(t, s)
		if round%10 == 9 {
			b.close(t)
			b = f.open(t, dir)
		}
		var loaded Sink
		if _, err := b.Load(t.Context(), &loaded); err != nil {
			t.Fatalf("round %d: Load: %v", round, err)
		}
		Same(t, loaded.Records, s.Taken())
		if round%10 == 9 {
			s.Loaded(loaded.Records)
		}
	}
}

// failingSave saves from a store that fails, or is stopped, at its first
// record. What was not saved is part of the next increment.
func (s *Store) failingSave(t *testing.T, b *opened, stop bool) {
	t.Helper()
	s.Put(Numbered(1, "a change")[0])
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	want := errDeliberate
	s.during = func() error { return errDeliberate }
	if stop {
		want = context.Canceled
		s.during = func() error { cancel(); return nil }
	}
	if _, err := b.Save(ctx, s); !errors.Is(err, want) {
		t.Fatalf("Save: %v, want %v", err, want)
	}
	s.during = nil
	s.wantClosed(t, false)
}

// fullSink: a store that has no room for the whole snapshot.
func (f Factory) fullSink(t *testing.T) {
	dir := t.TempDir()
	b := f.open(t, dir)
	old := Numbered(5000, "old")
	b.save(t, old)
	var put atomic.Int64
	_, err := b.Load(t.Context(), putFunc(func(snapshot.Record) error {
		if put.Add(1) > int64(len(old)/2) {
			return errDeliberate
		}
		return nil
	}))
	if !errors.Is(err, errDeliberate) {
		t.Fatalf("Load into a sink that gets full: %v, want the sink's error", err)
	}
	names(t, b, err)
	f.wantUntouched(t, b, dir, old)
}
