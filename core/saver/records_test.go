package saver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

func newRecordsTest(t *testing.T, o store.Options) records {
	t.Helper()
	return records{newTestStore(t, o), stats.New(0)}
}

func newTestStore(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	o.Shards = 4
	st, err := store.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// walk goes through a view of everything and closes it.
func walk(ctx context.Context, t *testing.T, src snapshot.Source, yield func(snapshot.Record) error) error {
	t.Helper()
	v, err := src.View()
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close(false)
	return v.Walk(ctx, 1, func(_ int, r snapshot.Record) error { return yield(r) })
}

func length(t *testing.T, src snapshot.Source) int {
	t.Helper()
	v, err := src.View()
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close(false)
	return v.Len()
}

// What goes in comes out, sizes from nothing to megabytes.
func TestRecordsRoundTrip(t *testing.T) {
	r := newRecordsTest(t, store.Options{})
	future := time.Now().Add(time.Hour).UnixMilli()
	want := map[string]snapshot.Record{}
	put := func(key string, value []byte, expireAt int64) {
		rec := snapshot.Record{Key: []byte(key), Value: value, ExpireAt: expireAt}
		if err := r.Put(rec); err != nil {
			t.Fatal(err)
		}
		want[key] = rec
	}
	put("", nil, 0)
	put("empty", nil, future)
	for i := range 1000 {
		put(fmt.Sprintf("key %d", i), fmt.Appendf(nil, "value %d", i), int64(i%2)*future)
	}
	for i := range 5 {
		put(fmt.Sprintf("large %d", i), bytes.Repeat([]byte{byte(i)}, 3<<20), 0)
	}
	if err := r.Put(snapshot.Record{Key: []byte("expired"), ExpireAt: 1}); err != nil {
		t.Fatal(err)
	}
	if n := length(t, r.st); n != len(want) {
		t.Errorf("Len = %d, want %d", n, len(want))
	}
	err := walk(t.Context(), t, r.st, func(got snapshot.Record) error {
		rec, ok := want[string(got.Key)]
		if !ok || !bytes.Equal(rec.Value, got.Value) || rec.ExpireAt != got.ExpireAt {
			return fmt.Errorf("key %q: %d bytes, expiry %d; want %d bytes, expiry %d", got.Key, len(got.Value), got.ExpireAt, len(rec.Value), rec.ExpireAt)
		}
		delete(want, string(got.Key))
		return nil
	})
	if err != nil || len(want) != 0 {
		t.Errorf("Walk: %v; %d keys missing", err, len(want))
	}
}

func TestWalkStops(t *testing.T) {
	r := newRecordsTest(t, store.Options{})
	for i := range 1000 {
		if err := r.Put(snapshot.Record{Key: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
	}
	full, n := errors.New("disk full"), 0
	if err := walk(t.Context(), t, r.st, func(snapshot.Record) error { n++; return full }); !errors.Is(err, full) || n != 1 {
		t.Errorf("Walk = %v after %d records, want %v after 1", err, n, full)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	if err := walk(ctx, t, r.st, func(snapshot.Record) error { n++; cancel(); return nil }); !errors.Is(err, context.Canceled) || n > 500 {
		t.Errorf("Walk = %v after %d records", err, n)
	}
}

// A snapshot that does not fit is refused rather than loaded in part.
func TestPutHeedsTheLimit(t *testing.T) {
	r := newRecordsTest(t, store.Options{MaxMemory: 1 << 20})
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		err = r.Put(snapshot.Record{Key: fmt.Append(nil, i), Value: make([]byte, 64<<10)})
	}
	if err == nil {
		t.Error("6 MiB fit into 1 MiB")
	}
}

// Hashes, small and large, come out with all fields that have not expired.
func TestHashRecordsRoundTrip(t *testing.T) {
	r := newRecordsTest(t, store.Options{})
	future := time.Now().Add(time.Hour).UnixMilli()
	want := map[string]map[string]snapshot.Field{}
	put := func(key string, n, size int) {
		rec := snapshot.Record{Key: []byte(key), Fields: []snapshot.Field{{Name: []byte("expired"), ExpireAt: 1}}, ExpireAt: future}
		want[key] = map[string]snapshot.Field{}
		for i := range n {
			f := snapshot.Field{Name: fmt.Append(nil, i), Value: bytes.Repeat([]byte{byte(i)}, size), ExpireAt: int64(i%2) * (future + int64(i))}
			rec.Fields = append(rec.Fields, f)
			want[key][string(f.Name)] = f
		}
		if err := r.Put(rec); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		put(fmt.Sprintf("small %d", i), i%10+1, i)
	}
	put("many", 5000, 10)
	put("long", 20, 300<<10)
	if err := r.Put(snapshot.Record{Key: []byte("gone"), Fields: []snapshot.Field{{Name: []byte("f"), ExpireAt: 1}}}); err != nil {
		t.Fatal(err)
	}
	if err := r.Put(snapshot.Record{Key: []byte("many"), Fields: []snapshot.Field{}}); err != nil {
		t.Fatal(err) // in place of what was there: nothing
	}
	delete(want, "many")
	put("many", 3000, 10)
	if err := r.Put(snapshot.Record{Key: []byte("s"), Value: []byte("a string")}); err != nil {
		t.Fatal(err)
	}
	if n := length(t, r.st); n != len(want)+1 {
		t.Errorf("%d keys, want %d", n, len(want)+1)
	}
	err := walk(t.Context(), t, r.st, func(got snapshot.Record) error {
		fields, ok := want[string(got.Key)]
		if !ok {
			if string(got.Key) != "s" || string(got.Value) != "a string" || got.Fields != nil {
				return fmt.Errorf("unexpected key %q: %q", got.Key, got.Value)
			}
			return nil
		}
		delete(want, string(got.Key))
		if len(got.Fields) != len(fields) || got.ExpireAt != future {
			return fmt.Errorf("key %q: %d fields until %d, want %d until %d", got.Key, len(got.Fields), got.ExpireAt, len(fields), future)
		}
		for _, f := range got.Fields {
			if w := fields[string(f.Name)]; !bytes.Equal(f.Value, w.Value) || f.ExpireAt != w.ExpireAt {
				return fmt.Errorf("key %q, field %q: %d bytes until %d, want %d until %d", got.Key, f.Name, len(f.Value), f.ExpireAt, len(w.Value), w.ExpireAt)
			}
		}
		return nil
	})
	if err != nil || len(want) != 0 {
		t.Errorf("Walk: %v; %d keys missing", err, len(want))
	}
}

// Which of two records of one key would stay is chance: the load fails.
func TestPutTwice(t *testing.T) {
	r := newRecordsTest(t, store.Options{})
	hash := []snapshot.Field{{Name: []byte("f"), Value: []byte("v")}}
	for _, x := range [][2]snapshot.Record{
		{{Value: []byte("a")}, {Value: []byte("b")}}, {{Value: []byte("a")}, {Fields: hash}}, {{Fields: hash}, {Value: nil}}, {{Fields: hash}, {Fields: hash}},
	} {
		key := fmt.Append(nil, "key ", length(t, r.st))
		x[0].Key, x[1].Key = key, key
		if err := r.Put(x[0]); err != nil {
			t.Fatal(err)
		}
		if err := r.Put(x[1]); !errors.Is(err, snapshot.ErrTwice) {
			t.Errorf("%v after %v: %v", x[1], x[0], err)
		}
	}
	// One that has expired is as good as not there.
	if err := r.Put(snapshot.Record{Key: []byte("key 0"), ExpireAt: 1}); err != nil {
		t.Error(err)
	}
}

// A hash that there is no memory for is not there in part.
func TestPutAHashAsAWhole(t *testing.T) {
	r := newRecordsTest(t, store.Options{Reserve: 8 << 20})
	rec := snapshot.Record{Key: []byte("hash"), ExpireAt: time.Now().Add(time.Hour).UnixMilli()}
	for i := range 100_000 {
		rec.Fields = append(rec.Fields, snapshot.Field{Name: fmt.Append(nil, i), Value: make([]byte, 100)})
	}
	if err := r.Put(rec); !errors.Is(err, store.ErrNoMemory) {
		t.Errorf("error %v", err)
	}
	if n := length(t, r.st); n != 0 {
		t.Errorf("%d keys", n)
	}
	rec.Fields = rec.Fields[:10]
	if err := r.Put(rec); err != nil || length(t, r.st) != 1 {
		t.Errorf("a hash that fits: %v", err)
	}
}
