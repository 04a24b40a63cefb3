package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/arena"
)

// Put makes the key hold a value of n bytes of the given type and returns the
// value for the caller to fill in. What the key held is gone; a new expiry
// replaces the old one, 0 is none. The bytes are not cleared.
//
// Errors wrap ErrNoMemory; the key is then as it was.
func (sh *Shard) Put(k Key, t Type, n int, expireAt, now int64) ([]byte, error) {
	v, err := sh.put(k, t, n, expireAt, now)
	if err == nil {
		sh.changed(k.Bytes, Written)
	}
	return v, err
}

// put is Put without anybody being told.
func (sh *Shard) put(k Key, t Type, n int, expireAt, now int64) ([]byte, error) {
	if len(k.Bytes) > MaxLength || n > MaxLength {
		return nil, fmt.Errorf("store: %w: a key of %d and a value of %d bytes", ErrTooLong, len(k.Bytes), n)
	}
	h := header(t, len(k.Bytes), n, expireAt != 0)
	size := int(headerSize(h)) + len(k.Bytes) + n
	old, slot, found := sh.find(k)
	if found {
		h |= uint64(sh.recency.renewed(old, now))
		if sh.viewed() {
			return sh.putViewed(k, old, h, size, expireAt)
		}
	}
	var e Entry
	switch {
	case found && sh.reusable(old, size):
		sh.forget(old)
		e = Entry{mem: sh.mem, off: old.off, header: h, slot: slot}
	default:
		ref, err := sh.st.arena.Alloc(sh.group, size)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		e = Entry{mem: sh.mem, off: ref.Offset(), header: h, slot: slot}
		if found {
			sh.forget(old)
			sh.replace(old, ref)
		} else if err := sh.link(sh.st.frag(k.Hash), slot, ref); err != nil {
			sh.st.arena.Free(sh.group, ref, size)
			return nil, err
		} else {
			sh.recency.enter(&e, k.Hash, now)
		}
	}
	sh.write(e, k.Bytes, n, expireAt)
	return e.Value(), nil
}

// putViewed is what put does to an entry of a shard that is being walked: size
// bytes with header h go in the place of old.
func (sh *Shard) putViewed(k Key, old Entry, h uint64, size int, expireAt int64) ([]byte, error) {
	sh.own(&old) // it may be pinned for it and no longer reusable
	e := Entry{mem: sh.mem, off: old.off, header: h, slot: old.slot}
	if !sh.reusable(old, size) {
		ref, err := sh.st.arena.Alloc(sh.group, size)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		e.off = ref.Offset()
	}
	sh.partWith(&old)
	sh.forget(old)
	if e.off != old.off {
		sh.replace(old, e.ref())
	}
	sh.write(e, k.Bytes, size-int(headerSize(h))-len(k.Bytes), expireAt)
	return e.Value(), nil
}

// write lays out an entry's header and key.
func (sh *Shard) write(e Entry, key []byte, valueLen int, expireAt int64) {
	e.layOut(key, valueLen, expireAt)
	sh.expiry.Add(expireAt)
}

// reusable says whether an entry of size bytes may be written over e.
func (sh *Shard) reusable(e Entry, size int) bool {
	have := e.size()
	return arena.Round(have) == arena.Round(size) && (have <= arena.MaxSmall || !sh.st.arena.Pinned(e.ref()))
}

func (e Entry) ref() arena.Ref { return arena.Ref(e.off / 8) }

// Set makes the key hold value. See Put.
func (sh *Shard) Set(k Key, value []byte, expireAt, now int64) error {
	dst, err := sh.Put(k, String, len(value), expireAt, now)
	if err == nil {
		copy(dst, value)
	}
	return err
}

// Fits says whether the value that e is a view of can be made n bytes long, and
// written, where it is: Resize copies it otherwise.
func (sh *Shard) Fits(k Key, e Entry, n int) bool {
	h := header(e.Type(), len(k.Bytes), n, e.header&expiresFlag != 0)
	return headerSize(h) == headerSize(e.header) && sh.reusable(e, int(headerSize(h))+len(k.Bytes)+n)
}

// Resize changes the length of the value that e is a view of to n bytes and
// returns it for writing. The bytes up to the shorter length and the expiry
// stay; bytes that are new are not cleared. e is invalid afterwards.
func (sh *Shard) Resize(k Key, e Entry, n int) ([]byte, error) {
	if n > MaxLength {
		return nil, fmt.Errorf("store: %w: a value of %d bytes", ErrTooLong, n)
	}
	if sh.viewed() {
		sh.own(&e)
	}
	keep := min(e.Len(), n)
	h := header(e.Type(), len(k.Bytes), n, e.header&expiresFlag != 0) | e.header&newerFlag | uint64(e.Recency())
	size := int(headerSize(h)) + len(k.Bytes) + n
	to := Entry{mem: sh.mem, off: e.off, header: h, slot: e.slot}
	if headerSize(h) != headerSize(e.header) || !sh.reusable(e, size) {
		ref, err := sh.st.arena.Alloc(sh.group, size)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		to.off = ref.Offset()
		sh.copyEntry(to, e, k.Bytes, n, keep)
		sh.replace(e, ref)
	} else {
		sh.mem.Store(e.off, h)
		to.writeLengths(len(k.Bytes), n)
	}
	sh.changed(k.Bytes, Written)
	return to.Value(), nil
}

// copyEntry lays out an entry of n bytes at to, with the expiry of from and
// the first keep bytes of its value.
func (sh *Shard) copyEntry(to, from Entry, key []byte, n, keep int) {
	at := from.ExpireAt()
	sh.mem.Store(to.off, to.header)
	if to.header&expiresFlag != 0 {
		sh.mem.Store(to.off+8, uint64(at))
	}
	to.writeLengths(len(key), n)
	copy(to.Key(), key)
	copy(to.Value(), from.Value()[:keep])
}

// replace points e's slot to another block and frees the one it had.
func (sh *Shard) replace(e Entry, ref arena.Ref) {
	sh.tab.Point(e.slot, ref)
	sh.freeBlock(e)
}

// SetExpiry makes the key expire at a time in ms since the Unix epoch, or
// never if it is 0. e is invalid afterwards.
func (sh *Shard) SetExpiry(k Key, e Entry, at int64) error {
	if sh.viewed() {
		sh.own(&e)
	}
	if e.header&expiresFlag == 0 {
		if at == 0 {
			return nil
		}
		n := e.Len()
		to := Entry{mem: sh.mem, header: e.header | expiresFlag, slot: e.slot}
		ref, err := sh.st.arena.Alloc(sh.group, int(headerSize(to.header))+len(k.Bytes)+n)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		to.off = ref.Offset()
		sh.copyEntry(to, e, k.Bytes, n, n)
		sh.replace(e, ref)
		e = to
	} else {
		sh.expiry.Remove(e.ExpireAt())
	}
	sh.mem.Store(e.off+8, uint64(at))
	sh.expiry.Add(at)
	sh.changed(k.Bytes, Written)
	return nil
}

// Changed tells that the key's value was written in place.
func (sh *Shard) Changed(k Key) { sh.changed(k.Bytes, Written) }

// Writable says whether the value may be written in place: not while a reply
// still points at it. Resize to the same length makes a copy that can be.
func (sh *Shard) Writable(e Entry) bool {
	if sh.viewed() {
		sh.own(&e)
	}
	return e.size() <= arena.MaxSmall || !sh.st.arena.Pinned(e.ref())
}
