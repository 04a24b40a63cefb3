package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/expiry"
)

// Replace opens a hash without fields that takes the place of what the key
// holds, with an expiry of its own; 0 is none. Calls of Set or Restore fill it. Done ends
// that, and a hash that got no field goes with what it replaced; Undo leaves the
// key as it was before Replace.
//
// Errors wrap ErrNoMemory; the key is then as it was.
func (sh *Shard) Replace(k Key, expireAt, now int64) (Fields, error) {
	old, found := sh.Peek(k, now)
	f := Fields{sh: sh, k: k, now: now, exists: true, changed: true}
	if !found {
		if err := f.create(expireAt); err != nil {
			return Fields{}, err
		}
		f.isNew = true
		return f, nil
	}
	h := header(Hash, len(k.Bytes), 1, expireAt != 0) | uint64(sh.recency.renewed(old, now))
	ref, err := sh.st.arena.Alloc(sh.group, int(headerSize(h))+len(k.Bytes)+1)
	if err != nil {
		return Fields{}, fmt.Errorf("store: %w", err)
	}
	f.e = Entry{mem: sh.mem, off: ref.Offset(), header: h, slot: old.slot}
	sh.write(f.e, k.Bytes, 1, expireAt)
	f.e.Value()[0] = 0
	sh.tab.Point(old.slot, ref)
	f.beginLog()
	f.log.pack, f.log.kept, f.log.replaced = old, true, true
	return f, nil
}

// Restore is Set of a field as it was stored before, for a hash that Replace opened:
// one that has expired meanwhile is left out.
func (f *Fields) Restore(field, value []byte, expireAt int64) error {
	if expiry.Past(expireAt, f.now) {
		return nil
	}
	_, err := f.Set(field, value, expireAt)
	return err
}

// undoReplace puts the original entry back.
func (f *Fields) undoReplace(old Entry) {
	f.sh.forget(f.e)
	f.sh.replace(f.e, old.ref())
	f.exists = false
}

// commitReplace lets go of the original entry, and only now tells a view of it.
func (f *Fields) commitReplace(old Entry) {
	if f.sh.viewed() {
		f.sh.partWith(&old)
		f.sh.markNew(&f.e)
	}
	f.sh.forget(old)
	f.sh.freeBlock(old)
}
