package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/arena"
)

// How a key comes to hold another entry. There are two ways, and everything that writes
// goes one of them: install puts a new entry in the place of what the key holds, and
// rewrite writes the same one anew where it has no room to change. Both leave telling of the
// change to the caller, see Shard.changed.

// install makes the key hold e, in place of old if that was found, at the slot that e has. It
// gives up what the key held: what a view has still to see of it is handed over, what it
// has outside its entry is freed, and its block too, unless it is e's. The header of e is to
// be written afterwards. Errors wrap ErrNoMemory; nothing was changed and the block is the
// caller's.
func (sh *Shard) install(k Key, old Entry, found bool, e *Entry, now int64) error {
	if !found {
		if err := sh.link(sh.st.frag(k.Hash), e.slot, e.ref()); err != nil {
			return err
		}
		sh.recency.enter(e, k.Hash, now)
		return nil
	}
	e.header |= uint64(sh.recency.renewed(old, now))
	sh.giveUp(&old)
	if e.off != old.off {
		sh.point(old, e.ref())
	}
	return nil
}

// giveUp ends all that an entry has, but its block: it is about to be removed or replaced.
func (sh *Shard) giveUp(e *Entry) {
	if sh.viewed() {
		sh.part.handOver(e)
	}
	if e.header&(typeMask|expiresFlag) != 0 { // else it has nothing
		sh.forget(*e)
	}
}

// rewrite writes an entry anew in another block, with a value of n bytes that fill makes
// from the one it has, and some more flags. Recency and expiry stay. Errors are
// ErrNoMemory; nothing was changed then.
func (sh *Shard) rewrite(e Entry, n int, flags uint64, fill func(to, from []byte)) (Entry, error) {
	key := e.Key()
	to := Entry{mem: sh.mem, header: e.reshaped(len(key), n, flags), slot: e.slot}
	ref, err := sh.st.arena.Alloc(sh.group, int(headerSize(to.header))+len(key)+n)
	if err != nil {
		return e, err
	}
	to.off = ref.Offset()
	to.layOut(key, n, e.ExpireAt())
	fill(to.Value(), e.Value())
	sh.point(e, ref)
	return to, nil
}

// reshaped is the header of an entry with a value of n bytes and some more flags.
func (e Entry) reshaped(keyLen, n int, flags uint64) uint64 {
	had := e.header | flags
	return header(e.Type(), keyLen, n, had&expiresFlag != 0) | had&(timedFlag|largeFlag|newerFlag) | uint64(e.Recency())
}

// resized is the entry with n bytes where it is, if it has room for them there. Its header
// and lengths are written.
func (sh *Shard) resized(e Entry, keyLen, n int) (Entry, bool) {
	h := e.reshaped(keyLen, n, 0)
	if headerSize(h) != headerSize(e.header) || !sh.reusable(e, int(headerSize(h))+keyLen+n) {
		return e, false
	}
	e.header = h
	e.mem.Store(e.off, h)
	e.writeLengths(keyLen, n)
	return e, true
}

// point points an entry's slot to another block and frees the one it had.
func (sh *Shard) point(e Entry, ref arena.Ref) {
	sh.tab.Point(e.slot, ref)
	sh.freeBlock(e)
}

// reusable says whether an entry of size bytes may be written over e.
func (sh *Shard) reusable(e Entry, size int) bool {
	have := e.size()
	return arena.Round(have) == arena.Round(size) && (have <= arena.MaxSmall || !sh.st.arena.Pinned(e.ref()))
}

// alloc takes a block for an entry.
func (sh *Shard) alloc(size int) (arena.Ref, error) {
	ref, err := sh.st.arena.Alloc(sh.group, size)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return ref, nil
}

// link adds a new entry to the index, at slot if there is room.
func (sh *Shard) link(frag uint64, slot int, ref arena.Ref) error {
	grown, err := sh.tab.Insert(frag, slot, ref)
	if grown {
		sh.st.Evictor.lengthen(len(sh.tab.Load().Slots))
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
