package store

import (
	"context"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/hash"
	"github.com/redistill-go/redistill/core/store/index"
)

// flush yields what the batches hold.
func (w *walker) flush() error {
	err := w.b.flush(w.v.st, w.yield)
	if len(w.large.records) > 0 {
		if e := w.large.flush(w.v.st, w.yield); err == nil {
			err = e
		}
		w.large = batch{}
	}
	return err
}

// catchUp yields the copies that wait in any shard.
func (w *walker) catchUp(ctx context.Context) error {
	v := w.v
	for {
		v.mu.Lock()
		n := len(v.backlog)
		i := 0
		if n > 0 {
			i, v.backlog = v.backlog[n-1], v.backlog[:n-1]
		}
		v.mu.Unlock()
		if n == 0 {
			return nil
		}
		if err := w.drain(ctx, i); err != nil {
			return err
		}
	}
}

// drain yields the copies of one shard.
func (w *walker) drain(ctx context.Context, i int) error {
	v := w.v
	sh, p := &v.st.shards[i], &v.parts[i]
	sh.mu.Lock()
	copies, pinned, handed := p.copies, p.pinned, p.handed
	p.copies, p.pinned, p.handed, p.queued = nil, nil, nil, false
	sh.mu.Unlock()
	err := v.stopped(ctx)
	for _, ref := range copies {
		if err == nil {
			err = w.copied(sh, sh.entryAt(ref))
		}
		p.freeCopy(ref)
	}
	for _, k := range pinned {
		if err == nil {
			err = w.yield(k.record)
		}
		v.st.arena.Unpin(k.ref)
	}
	for _, t := range handed {
		for !t.kept.Done() && err == nil {
			t.kept.Walk(t.root.hash(), w.large.field(v))
			err = v.stopped(ctx)
		}
		w.takeLarge(sh, t)
		if err == nil {
			err = w.flush()
		}
		w.drop()
	}
	return err
}

// copied yields the copy of an entry.
func (w *walker) copied(sh *Shard, e Entry) error {
	if e.Type() == String {
		return w.yield(snapshot.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()})
	}
	w.b.value(w.v, sh, e)
	return w.flush()
}

// drop forgets what the batches hold.
func (w *walker) drop() {
	_ = w.b.flush(w.v.st, nil)
	_ = w.large.flush(w.v.st, nil)
	w.large = batch{}
}

// abandon ends a view's part in a shard, walked or not.
func (v *View) abandon(i int) {
	sh, p := &v.st.shards[i], &v.parts[i]
	for done := false; !done; {
		sh.mu.Lock()
		done = p.done || p.sweep(sh)
		sh.mu.Unlock()
	}
	for _, ref := range p.copies {
		p.freeCopy(ref)
	}
	for _, k := range p.pinned {
		v.st.arena.Unpin(k.ref)
	}
	for _, t := range p.handed {
		t.free(sh)
	}
	p.copies, p.pinned, p.handed = nil, nil, nil
}

// sweep clears the marks of some entries that will not be walked, and says
// whether all are.
func (p *part) sweep(sh *Shard) bool {
	t := p.table(sh)
	if k := p.walked; k != nil && !k.lost {
		if k.kept.Walk(k.rootIn(t, sh).hash(), nil); !k.kept.Done() {
			return false
		}
		delete(p.large, string(k.key))
		k.free(sh)
	} else if k != nil {
		k.kept.Free()
	}
	p.walked = nil
	if p.marked {
		seen := 0
		for slot := p.slot(t, p.cursor); slot >= 0; {
			p.cursor = index.Frag(t.Slots[slot])
			if seen >= viewStep {
				return false
			}
			end := t.GroupEnd(slot)
			if p.beginLarge(sh, t, slot, end, false) {
				return false
			}
			for ; slot < end; slot++ {
				if e := sh.entry(t.Slots[slot], slot); e.header&newerFlag != 0 {
					sh.mem.Store(e.off, e.header&^newerFlag)
				}
				seen++
			}
			slot = t.Used(end)
		}
	}
	p.finish(sh)
	return true
}

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
