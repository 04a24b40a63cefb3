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
	e := Entry{mem: sh.mem, header: header(t, len(k.Bytes), n, expireAt != 0)}
	size := int(headerSize(e.header)) + len(k.Bytes) + n
	old, slot, found := sh.find(k)
	if found && sh.viewed() {
		sh.part.preserve(&old) // it may be pinned for it and no longer reusable
	}
	if e.slot = slot; found && sh.reusable(old, size) {
		e.off = old.off
	} else {
		ref, err := sh.alloc(size)
		if err != nil {
			return nil, err
		}
		e.off = ref.Offset()
	}
	if err := sh.install(k, old, found, &e, now); err != nil {
		sh.st.arena.Free(sh.group, e.ref(), size)
		return nil, err
	}
	sh.write(e, k.Bytes, n, expireAt)
	return e.Value(), nil
}

// write lays out an entry's header and key.
func (sh *Shard) write(e Entry, key []byte, valueLen int, expireAt int64) {
	e.layOut(key, valueLen, expireAt)
	sh.expiry.Add(expireAt)
}

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
	h := e.reshaped(len(k.Bytes), n, 0)
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
		sh.part.preserve(&e)
	}
	to, ok := sh.resized(e, len(k.Bytes), n)
	if !ok {
		var err error
		to, err = sh.rewrite(e, n, 0, func(to, from []byte) { copy(to, from) })
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
	}
	sh.changed(k.Bytes, Written)
	return to.Value(), nil
}

// SetExpiry makes the key expire at a time in ms since the Unix epoch, or
// never if it is 0. e is invalid afterwards.
func (sh *Shard) SetExpiry(k Key, e Entry, at int64) error {
	if sh.viewed() {
		sh.part.preserve(&e)
	}
	if e.header&expiresFlag == 0 {
		if at == 0 {
			return nil
		}
		to, err := sh.rewrite(e, e.Len(), expiresFlag, func(to, from []byte) { copy(to, from) })
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
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
		sh.part.preserve(&e)
	}
	return e.size() <= arena.MaxSmall || !sh.st.arena.Pinned(e.ref())
}
