package snapshottest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

var errDeliberate = errors.New("deliberate failure")

// wantUntouched fails the test unless the snapshot is still want, for the
// backend as it is and after a reopening, and can still be replaced.
func (f Factory) wantUntouched(t *testing.T, b *opened, dir string, want Records) {
	t.Helper()
	b.wantLoad(t, want)
	b.close(t)
	b = f.open(t, dir)
	b.wantLoad(t, want)
	next := Numbered(50, "next")
	b.save(t, next)
	b.wantLoad(t, next)
}

func (f Factory) failingSource(t *testing.T) {
	const n = 5000
	for _, at := range []int{0, 1, n / 2, n - 1} {
		dir := t.TempDir()
		b := f.open(t, dir)
		old := Numbered(1000, "old")
		b.save(t, old)
		_, err := b.Save(t.Context(), &source{records: Numbered(n, "new"), at: func(i int) error {
			if i == at {
				return errDeliberate
			}
			return nil
		}})
		if !errors.Is(err, errDeliberate) {
			t.Fatalf("Save from a source that fails at %d: %v, want the source's error", at, err)
		}
		names(t, b, err)
		f.wantUntouched(t, b, dir, old)
	}
}

func (f Factory) cancelledSave(t *testing.T) {
	const n = 5000
	for _, at := range []int{0, n / 2, n - 1} {
		dir := t.TempDir()
		b := f.open(t, dir)
		old := Numbered(1000, "old")
		b.save(t, old)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := b.Save(ctx, &source{records: Numbered(n, "new"), at: func(i int) error {
			if i == at {
				cancel()
			}
			return nil
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Save cancelled at %d: %v, want context.Canceled", at, err)
		}
		names(t, b, err)
		f.wantUntouched(t, b, dir, old)
	}
}

func (f Factory) cancelledLoad(t *testing.T) {
	dir := t.TempDir()
	b := f.open(t, dir)
	old := Numbered(5000, "old")
	b.save(t, old)
	ctx, cancel := context.WithCancel(t.Context())
	var put atomic.Int64
	_, err := b.Load(ctx, putFunc(func(snapshot.Record) error {
		put.Add(1)
		cancel()
		return nil
	}))
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled Load: %v, want context.Canceled", err)
	}
	if n := put.Load(); n == int64(len(old)) {
		t.Fatalf("cancelled Load put all %d records", n)
	}
	names(t, b, err)
	f.wantUntouched(t, b, dir, old)
}

type putFunc func(snapshot.Record) error

func (f putFunc) Put(r snapshot.Record) error { return f(r) }

func (f Factory) failingSink(t *testing.T) {
	dir := t.TempDir()
	b := f.open(t, dir)
	old := Numbered(100, "old")
	b.save(t, old)
	_, err := b.Load(t.Context(), &Sink{Err: errDeliberate})
	if !errors.Is(err, errDeliberate) {
		t.Fatalf("Load into a sink that fails: %v, want the sink's error", err)
	}
	names(t, b, err)
	f.wantUntouched(t, b, dir, old)
}

func (f Factory) damaged(t *testing.T, d Damage) {
	dir := t.TempDir()
	b := f.open(t, dir)
	b.save(t, Numbered(5000, "x"))
	b.close(t)

	files := d.Do(t, dir)
	before := read(t, files)
	damaged := f.New(t, dir)
	err := damaged.Open(t.Context())
	if err == nil {
		_, err = damaged.Load(t.Context(), &Sink{})
	}
	if err == nil || errors.Is(err, snapshot.ErrNoSnapshot) {
		t.Fatalf("a damaged snapshot was taken: %v", err)
	}
	names(t, damaged, err)
	if err := damaged.Close(); err != nil {
		t.Fatalf("Close after refusing a damaged snapshot: %v", err)
	}
	for i, after := range read(t, files) {
		if !bytes.Equal(before[i], after) {
			t.Errorf("%s was changed", files[i])
		}
	}
}

func read(t testing.TB, files []string) [][]byte {
	t.Helper()
	if len(files) == 0 {
		t.Fatal("the damage names no files")
	}
	contents := make([][]byte, len(files))
	for i, name := range files {
		var err error
		if contents[i], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}
