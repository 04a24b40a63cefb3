package store

import (
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/hash"
)

// batch is records copied out of a locked shard. Its buffers may grow: what was
// appended before stays where it is, and records point there.
type batch struct {
	records []snapshot.Record
	bytes   []byte
	fields  []snapshot.Field
	begun   int // fields of the hash that is being appended begin here
	pins    []arena.Ref
}

func (b *batch) add(r snapshot.Record) { b.records = append(b.records, r) }

// keep copies p.
func (b *batch) keep(p []byte) []byte {
	if cap(b.bytes)-len(b.bytes) < len(p) {
		b.bytes = make([]byte, 0, max(len(p), 2*viewBytes))
	}
	n := len(b.bytes)
	b.bytes = append(b.bytes, p...)
	return b.bytes[n:len(b.bytes):len(b.bytes)]
}

// string copies an entry that is a string.
func (b *batch) string(e Entry) {
	k, n := e.lengths()
	p := b.keep(e.mem.Bytes(e.off+headerSize(e.header), k+n))
	b.add(snapshot.Record{Key: p[:k:k], Value: p[k:], ExpireAt: e.ExpireAt()})
}

// field returns what copies fields of a hash that had not expired when the view began.
// Long values are pinned.
func (b *batch) field(v *View) hash.Visit {
	return func(name, value []byte, ref arena.Ref, expireAt int64) {
		if v.gone(expireAt) {
			return
		}
		to := snapshot.Field{Name: b.keep(name), ExpireAt: expireAt}
		if ref != 0 && len(value) > arena.MaxSmall && v.st.arena.Pin(ref) {
			to.Value = value
			b.pins = append(b.pins, ref)
		} else {
			to.Value = b.keep(value)
		}
		b.fields = append(b.fields, to)
	}
}

// endFields makes a record of the fields since the last one, if there are any.
func (b *batch) endFields(key []byte, expireAt int64) {
	if n := len(b.fields); n > b.begun {
		b.add(snapshot.Record{Key: b.keep(key), Fields: b.fields[b.begun:n:n], ExpireAt: expireAt})
		b.begun = n
	}
}

// flush yields the records, unless yield is nil, and empties the batch.
func (b *batch) flush(st *Store, yield func(snapshot.Record) error) (err error) {
	for i := range b.records {
		if yield == nil || err != nil {
			break
		}
		err = yield(b.records[i])
	}
	for _, ref := range b.pins {
		st.arena.Unpin(ref)
	}
	if cap(b.bytes) > 4*viewBytes {
		b.bytes = nil
	}
	clear(b.records)
	clear(b.fields)
	b.records, b.bytes, b.fields, b.pins, b.begun = b.records[:0], b.bytes[:0], b.fields[:0], b.pins[:0], 0
	return err
}
