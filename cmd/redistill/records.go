package main

import (
	"context"
	"errors"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/store"
)

// records lets a persistence backend see the store as records.
type records struct{ st *store.Store }

func newRecords(st *store.Store) records { return records{st} }

var (
	_ module.Source = records{}
	_ module.Sink   = records{}
)

// View implements module.Source.
func (r records) View() (module.View, error) { return view{r.st, time.Now()}, nil }

// Changes implements module.Source.
func (r records) Changes() (module.View, error) { return r.View() }

// view is what the store holds while it is walked.
type view struct {
	st    *store.Store
	taken time.Time
}

// Taken implements module.View.
func (v view) Taken() time.Time { return v.taken }

// Full implements module.View.
func (v view) Full() bool { return true }

// Len implements module.View.
func (v view) Len() int { return v.st.Totals().Keys }

// Deleted implements module.View.
func (v view) Deleted(func([]byte) error) error { return nil }

// Close implements module.View.
func (v view) Close(bool) {}

// batchBytes is about how much is copied out of a locked shard at once.
const batchBytes = 1 << 20

// batch is some records copied out of the store, their bytes one after another.
type batch struct {
	bytes   []byte
	lengths []lengths
	parts   []lengths // of the fields of all hashes
	fields  []module.Field
}

type lengths struct {
	key, value int // value: of a hash the number of its fields
	hash       bool
	expireAt   int64
}

func (b *batch) reset() {
	b.bytes, b.lengths, b.parts = b.bytes[:0], b.lengths[:0], b.parts[:0]
}

func (b *batch) addString(e store.Entry) {
	key, value := e.Key(), e.Value()
	b.bytes = append(append(b.bytes, key...), value...)
	b.lengths = append(b.lengths, lengths{key: len(key), value: len(value), expireAt: e.ExpireAt()})
}

// addHash leaves out a hash whose fields have all expired.
func (b *batch) addHash(e store.Entry, f store.Fields) {
	start, n := len(b.bytes), 0
	b.bytes = append(b.bytes, e.Key()...)
	f.Each(func(name, value []byte, at int64) bool {
		n++
		b.bytes = append(append(b.bytes, name...), value...)
		b.parts = append(b.parts, lengths{key: len(name), value: len(value), expireAt: at})
		return true
	})
	if n == 0 {
		b.bytes = b.bytes[:start]
		return
	}
	b.lengths = append(b.lengths, lengths{key: len(e.Key()), value: n, hash: true, expireAt: e.ExpireAt()})
}

func (b *batch) yield(yield func(module.Record) error) error {
	rest, parts := b.bytes, b.parts
	take := func(n int) []byte {
		p := rest[:n:n]
		rest = rest[n:]
		return p
	}
	for _, n := range b.lengths {
		rec := module.Record{Key: take(n.key), ExpireAt: n.expireAt}
		if n.hash {
			b.fields = b.fields[:0]
			for _, p := range parts[:n.value] {
				b.fields = append(b.fields, module.Field{Name: take(p.key), Value: take(p.value), ExpireAt: p.expireAt})
			}
			parts, rec.Fields = parts[n.value:], b.fields
		} else {
			rec.Value = take(n.value)
		}
		if err := yield(rec); err != nil {
			return err
		}
	}
	return nil
}

// Walk implements module.View. Each record is whole, but not all of them are
// of one moment. They are copied out of a locked shard and yielded once it is
// free again, since a backend may block.
func (v view) Walk(ctx context.Context, _ int, yield func(int, module.Record) error) error {
	var b batch
	for cursor, count := uint64(0), 64; ; {
		b.reset()
		now := time.Now().UnixMilli()
		cursor = v.st.Scan(cursor, count, now, func(e store.Entry) {
			if e.Type() == store.Hash {
				b.addHash(e, v.st.Locked(v.st.Key(e.Key())).FieldsOf(e, now))
				return
			}
			b.addString(e)
		})
		if err := b.yield(func(r module.Record) error { return yield(0, r) }); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if cursor == 0 {
			return nil
		}
		count = 64
		if len(b.bytes) > batchBytes {
			b, count = batch{}, 1 // large values: one at a time
		}
	}
}

// Put implements module.Sink.
func (r records) Put(rec module.Record) error {
	now := time.Now().UnixMilli()
	if rec.ExpireAt != 0 && rec.ExpireAt < now {
		return nil
	}
	if !r.st.Admit(now) {
		return errors.New("the snapshot is larger than memory.max; raise memory.max or set memory.eviction to a policy that evicts")
	}
	k := r.st.Key(rec.Key)
	sh := r.st.Lock(k)
	defer sh.Unlock()
	if rec.Fields != nil {
		return putHash(sh, k, rec, now)
	}
	return sh.Set(k, rec.Value, rec.ExpireAt, now)
}

// putHash makes the key hold the fields that have not expired, or nothing if
// there are none. The shard is locked.
func putHash(sh *store.Shard, k store.Key, rec module.Record, now int64) error {
	sh.Delete(k, now)
	f, err := sh.Fields(k, now)
	if err != nil {
		return err
	}
	f.Begin()
	for _, field := range rec.Fields {
		if field.ExpireAt != 0 && field.ExpireAt < now {
			continue
		}
		if _, err := f.Set(field.Name, field.Value, field.ExpireAt); err != nil {
			f.Undo()
			return err
		}
	}
	f.Done()
	if e, ok := sh.Peek(k, now); ok {
		return sh.SetExpiry(k, e, rec.ExpireAt)
	}
	return nil
}
