package store

import (
	"bytes"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/sys"
)

// Shard is a part of the key space with a lock of its own. Its exported
// methods are for whoever holds the lock, which Store.Lock and Store.LockKeys
// give and Unlock ends.
type Shard struct {
	mu  sync.Mutex
	tab atomic.Pointer[table]
	mem sys.Region
	st  *Store

	index         int // of this shard in the store
	group         int
	hooks         atomic.Int32 // who is concerned by changes: hookView, hookChanges, listeners
	part          *part        // of the view that is open: see view.go
	since         *changes     // for the next view of changes; nil: nobody asks
	quiet         bool         // reads are not counted for the eviction policy
	count         int          // entries, expired ones that nobody met included
	expiring      int          // entries with an expiry
	fieldExpiring int          // hashes whose fields may expire
	outside       atomic.Int32 // trees and values out of line; see compact.go
	log           *changeLog   // of the hash that is being changed
	changes       int64        // writes since the start
	minExpire     int64        // no entry expires before this
	sweepAt       int64        // when the expiry sweep looks here next, in ms
	noted         int          // expiries set since the sweep looked here
	reads         uint32
	keep          *keeper // of the eviction policy
	order         *order  // of the shard's group, if the policy has queues
	searched      uint32  // fragment that the search for a victim goes on with

	expired, evicted, expiredFields int64

	_ [64]byte // keeps neighbours' locks off this cache line
}

// Unlock ends the access that Store.Lock began.
func (sh *Shard) Unlock() { sh.mu.Unlock() }

// find returns the key's entry, expired or not, or where it would go.
func (sh *Shard) find(k Key) (e Entry, slot int, ok bool) {
	t := sh.tab.Load()
	frag := sh.st.frag(k.Hash)
	for i := t.at(frag); ; i++ {
		w := t.slots[i]
		if w == 0 || slotFrag(w) != frag {
			return Entry{}, i, false
		}
		if e := sh.entry(w, i); bytes.Equal(e.Key(), k.Bytes) {
			return e, i, true
		}
	}
}

func (sh *Shard) entry(w uint64, slot int) Entry {
	off := slotRef(w).Offset()
	return Entry{mem: sh.mem, off: off, header: sh.mem.Load(off), slot: slot}
}

// Get returns the key's entry and counts the access for the eviction policy.
// An expired entry is removed and not returned. now is in ms since the Unix
// epoch, here and everywhere in this package.
func (sh *Shard) Get(k Key, now int64) (Entry, bool) {
	e, ok := sh.Peek(k, now)
	if k := sh.keep; ok && k != nil && !sh.quiet {
		sh.touch(k, &e, now)
	}
	return e, ok
}

// Peek is Get without the access being counted.
func (sh *Shard) Peek(k Key, now int64) (Entry, bool) {
	e, _, ok := sh.find(k)
	if ok && e.expired(now) {
		sh.expire(e)
		return Entry{}, false
	}
	return e, ok
}

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
		h |= uint64(sh.renewed(old, now))
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
			sh.enter(&e, k.Hash, now)
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
	sh.noteExpiry(expireAt)
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

// splice changes the value's length by turning the oldSize bytes at off into
// newSize, moving what is behind them. e is kept up to date.
func (sh *Shard) splice(k Key, e *Entry, off, oldSize, newSize int) error {
	n := e.Len()
	length := n + newSize - oldSize
	h := header(e.Type(), len(k.Bytes), length, e.header&expiresFlag != 0) |
		e.header&(fieldsFlag|treeFlag|newerFlag) | uint64(e.Recency())
	to := Entry{mem: sh.mem, off: e.off, header: h, slot: e.slot}
	size := int(headerSize(h)) + len(k.Bytes) + length
	if headerSize(h) == headerSize(e.header) && sh.reusable(*e, size) {
		sh.mem.Store(e.off, h)
		to.writeLengths(len(k.Bytes), length)
		start := e.off + headerSize(h) + uint64(len(k.Bytes))
		b := sh.mem.Bytes(start, uint64(max(n, length)))
		copy(b[off+newSize:], b[off+oldSize:n])
		*e = to
		return nil
	}
	ref, err := sh.st.arena.Alloc(sh.group, size)
	if err != nil {
		return err
	}
	to.off = ref.Offset()
	sh.copyEntry(to, *e, e.Key(), length, off)
	copy(to.Value()[off+newSize:], e.Value()[off+oldSize:])
	sh.replace(*e, ref)
	*e = to
	return nil
}

// replace points e's slot to another block and frees the one it had.
func (sh *Shard) replace(e Entry, ref arena.Ref) {
	sh.point(e.slot, ref)
	sh.freeBlock(e)
}

func (sh *Shard) point(slot int, ref arena.Ref) {
	t := sh.tab.Load()
	t.slots[slot] = slotWord(slotFrag(t.slots[slot]), ref)
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
		sh.forgetExpiry(e)
	}
	sh.mem.Store(e.off+8, uint64(at))
	sh.noteExpiry(at)
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

// Delete removes the key and says whether it was there.
func (sh *Shard) Delete(k Key, now int64) bool {
	e, ok := sh.Peek(k, now)
	if ok {
		sh.Remove(e)
	}
	return ok
}

// Remove deletes the entry that e is a view of.
func (sh *Shard) Remove(e Entry) { sh.remove(e, Deleted) }

func (sh *Shard) remove(e Entry, why Change) {
	sh.changed(e.Key(), why)
	sh.discard(e)
}

// discard deletes an entry without anybody being told.
func (sh *Shard) discard(e Entry) {
	sh.leave(e)
	if sh.viewed() {
		sh.partWith(&e)
	}
	sh.forget(e)
	sh.unlink(e.slot)
	sh.freeBlock(e)
}

// forget ends what an entry is about to lose: its expiry, and what a hash has
// outside its entry.
func (sh *Shard) forget(e Entry) {
	sh.forgetExpiry(e)
	if e.Type() != Hash {
		return
	}
	if e.header&fieldsFlag != 0 {
		sh.fieldExpiring--
		sh.rest()
	}
	sh.freeFields(e)
}

// freeFields gives back what a hash has outside its entry.
func (sh *Shard) freeFields(e Entry) {
	switch {
	case e.Type() != Hash:
	case e.isTree():
		tree{sh, e.Value()}.free()
	default:
		sh.freeValues(e.Value()[e.packHead():])
	}
}

func (sh *Shard) expire(e Entry) {
	sh.expired++
	sh.remove(e, Expired)
}

func (sh *Shard) freeBlock(e Entry) { sh.st.arena.Free(sh.group, e.ref(), e.size()) }

func (sh *Shard) noteExpiry(at int64) {
	if at == 0 {
		return
	}
	sh.expiring++
	sh.callForward(at)
}

// callForward tells the sweep of something that expires.
func (sh *Shard) callForward(at int64) {
	sh.minExpire = min(sh.minExpire, at)
	sh.noted++
	// A sweep that waits for later than this is called forward; see sweep.go.
	sh.sweepAt = min(sh.sweepAt, after(at, sh.patience()))
}

func (sh *Shard) forgetExpiry(e Entry) {
	if e.ExpireAt() == 0 {
		return
	}
	sh.expiring--
	sh.rest()
}

// rest sends the sweep away when nothing in the shard expires any more.
func (sh *Shard) rest() {
	if sh.expiring == 0 && sh.fieldExpiring == 0 {
		sh.minExpire, sh.sweepAt = math.MaxInt64, math.MaxInt64
	}
}

// link adds a new entry to the index, at slot if there is room.
func (sh *Shard) link(frag uint64, slot int, ref arena.Ref) error {
	t := sh.tab.Load()
	for sh.count >= t.limit() || !t.insert(slot, slotWord(frag, ref)) {
		bigger, err := t.resized(sh.st.arena, sh.group, int(t.homes)+int(t.homes)/3+4)
		if err != nil {
			return fmt.Errorf("store: grow the index of a shard: %w", err)
		}
		sh.tab.Store(bigger)
		t.free(sh.st.arena, sh.group)
		t, slot = bigger, bigger.at(frag)
		sh.st.lengthen(len(t.slots))
	}
	sh.count++
	return nil
}

// unlink empties a slot. The index shrinks when it has become sparse; if there
// is no memory for the smaller one, it stays.
func (sh *Shard) unlink(slot int) {
	t := sh.tab.Load()
	t.remove(slot)
	sh.count--
	if t.homes <= 2*minHomes || uint64(sh.count) >= t.homes/sparseDen {
		return
	}
	if smaller, err := t.resized(sh.st.arena, sh.group, sh.count*2); err == nil {
		sh.tab.Store(smaller)
		t.free(sh.st.arena, sh.group)
	}
}
