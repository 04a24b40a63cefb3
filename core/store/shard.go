package store

import (
	"bytes"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/hash"
	"github.com/redistill-go/redistill/core/store/index"
	"github.com/redistill-go/redistill/core/sys"
)

// Shard is a part of the key space with a lock of its own. Its exported
// methods are for whoever holds the lock, which Store.Lock and Store.LockKeys
// give and Unlock ends.
type Shard struct {
	// What every command needs comes first, in as few cache lines as possible.
	mu      mutex
	tab     index.Index
	mem     sys.Region
	st      *Store
	index   int          // of this shard in the store
	hooks   atomic.Int32 // who is concerned by changes: hookView, hookChanges, hookWork, listeners
	recency recency
	group   int       // of the arena
	changes sys.Count // writes since the start
	expiry  expiry.Schedule

	part   *part    // of the view that is open: see view.go
	since  *changes // for the next view of changes; nil: nobody asks
	works  []*Work
	hashes hash.Memory

	expired, evicted sys.Count

	_ [64]byte // keeps neighbours' locks off this cache line
}

// What a shard's hooks are for, besides listeners: see Shard.hooks.
const (
	hookView     = 1 << iota // sh.part is set
	hookChanges              // sh.since is set
	hookWork                 // sh.works has some
	hookListener             // times the number of listeners
)

// viewed says whether a view has to do with the shard.
func (sh *Shard) viewed() bool { return sh.hooks.Load()&hookView != 0 }

// Unlock ends the access that Store.Lock began.
func (sh *Shard) Unlock() { sh.mu.Unlock() }

// find returns the key's entry, expired or not, or where it would go.
func (sh *Shard) find(k Key) (e Entry, slot int, ok bool) {
	t := sh.tab.Load()
	frag := sh.st.frag(k.Hash)
	for i := t.At(frag); ; i++ {
		w := t.Slots[i]
		if w == 0 || index.Frag(w) != frag {
			return Entry{}, i, false
		}
		if e := sh.entry(w, i); bytes.Equal(e.Key(), k.Bytes) {
			return e, i, true
		}
	}
}

func (sh *Shard) entry(w uint64, slot int) Entry {
	off := index.Ref(w).Offset()
	return Entry{mem: sh.mem, off: off, header: sh.mem.Load(off), slot: slot}
}

// entryAt is an entry that no index leads to.
func (sh *Shard) entryAt(ref arena.Ref) Entry {
	return Entry{mem: sh.mem, off: ref.Offset(), header: sh.mem.Load(ref.Offset())}
}

// Get returns the key's entry and counts the access for the eviction policy.
// An expired entry is removed and not returned. now is in ms since the Unix
// epoch, here and everywhere in this package.
func (sh *Shard) Get(k Key, now int64) (Entry, bool) {
	e, ok := sh.Peek(k, now)
	if y := &sh.recency; ok && y.policy != nil && !y.quiet {
		y.touch(&e, now)
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
	sh.removeTo(e, why, nil)
}

// removeTo is remove by which the entry's block is freed only with others.
func (sh *Shard) removeTo(e Entry, why Change, to *released) {
	if sh.heard() {
		sh.tell(e.Key(), why)
	}
	sh.discard(e, to)
}

// discard deletes an entry without anybody being told.
func (sh *Shard) discard(e Entry, to *released) {
	if sh.recency.group != nil {
		sh.recency.leave(e)
	}
	sh.giveUp(&e)
	sh.tab.Remove(e.slot)
	if to != nil {
		to.add(sh, e)
		return
	}
	sh.freeBlock(e)
}

// forget ends what an entry is about to lose: its expiry, and what its value has
// outside it.
func (sh *Shard) forget(e Entry) {
	sh.expiry.Remove(e.ExpireAt())
	if e.timed() {
		sh.expiry.RemoveHash()
	}
	sh.freeParts(e)
}

func (sh *Shard) expire(e Entry) { sh.expireTo(e, nil) }

func (sh *Shard) expireTo(e Entry, to *released) {
	sh.expired.Add(1)
	sh.removeTo(e, Expired, to)
}

func (sh *Shard) freeBlock(e Entry) { sh.st.arena.Free(sh.group, e.ref(), e.size()) }
