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

// Len implements module.Source.
func (r records) Len() int { return r.st.Totals().Keys }

// batchBytes is about how much is copied out of a locked shard at once.
const batchBytes = 1 << 20

// batch is some records copied out of the store, their bytes one after another.
type batch struct {
	bytes   []byte
	lengths []lengths
}

type lengths struct {
	key, value int
	expireAt   int64
}

func (b *batch) add(e store.Entry) {
	key, value := e.Key(), e.Value()
	b.bytes = append(append(b.bytes, key...), value...)
	b.lengths = append(b.lengths, lengths{len(key), len(value), e.ExpireAt()})
}

func (b *batch) yield(yield func(module.Record) error) error {
	rest := b.bytes
	for _, n := range b.lengths {
		rec := module.Record{Key: rest[:n.key:n.key], Value: rest[n.key : n.key+n.value : n.key+n.value], ExpireAt: n.expireAt}
		rest = rest[n.key+n.value:]
		if err := yield(rec); err != nil {
			return err
		}
	}
	return nil
}

// Walk implements module.Source. Each record is whole, but not all of them are
// of one moment. They are copied out of a locked shard and yielded once it is
// free again, since a backend may block.
func (r records) Walk(ctx context.Context, yield func(module.Record) error) error {
	var b batch
	for cursor, count := uint64(0), 64; ; {
		b.bytes, b.lengths = b.bytes[:0], b.lengths[:0]
		cursor = r.st.Scan(cursor, count, time.Now().UnixMilli(), b.add)
		if err := b.yield(yield); err != nil {
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
			b.bytes, count = nil, 1 // large values: one at a time
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
	return sh.Set(k, rec.Value, rec.ExpireAt, now)
}
