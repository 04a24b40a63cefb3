package store

import (
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
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

// hash copies an entry that is a small hash, unless nothing of it is left.
func (b *batch) hash(v *View, sh *Shard, e Entry) {
	b.fieldsOf(v, sh, e.Value()[e.packHead():])
	b.endHash(e.Key(), e.ExpireAt())
}

// fieldsOf copies the fields of a pack. Long values are pinned.
func (b *batch) fieldsOf(v *View, sh *Shard, pack []byte) {
	for f, ok := next(pack, 0); ok; f, ok = next(pack, f.end()) {
		if v.gone(f.at) {
			continue
		}
		to := snapshot.Field{Name: b.keep(f.field), ExpireAt: f.at}
		switch {
		case f.ref == 0:
			to.Value = b.keep(f.value)
		case f.length > arena.MaxSmall && sh.st.arena.Pin(arena.Ref(f.ref)):
			to.Value = sh.st.arena.Bytes(arena.Ref(f.ref), f.length)
			b.pins = append(b.pins, arena.Ref(f.ref))
		default:
			to.Value = b.keep(sh.st.arena.Bytes(arena.Ref(f.ref), f.length))
		}
		b.fields = append(b.fields, to)
	}
}

// endHash makes a record of the fields since the last one, if there are any.
func (b *batch) endHash(key []byte, expireAt int64) {
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
