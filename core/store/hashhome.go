package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/hash"
)

// hashHome is a shard as the hash.Home of its hashes: they are values of entries.
type hashHome struct{ sh *Shard }

var _ hash.Home = hashHome{}

// entry is the entry at a place.
func (h hashHome) entry(at hash.Place) Entry {
	return Entry{mem: h.sh.mem, off: at.Off, header: h.sh.mem.Load(at.Off), slot: at.Slot}
}

func (h hashHome) Create(at hash.Place, n int, expireAt, now int64) (hash.Place, []byte, error) {
	sh, k := h.sh, Key{at.Key, at.Hash}
	if _, err := sh.put(k, Hash, n, expireAt, now); err != nil {
		return at, nil, err
	}
	e, _, _ := sh.find(k)
	if sh.viewed() {
		sh.part.markNewer(&e)
	}
	return placeOf(k, e), e.Value(), nil
}

func (h hashHome) Find(at hash.Place, now int64) (hash.Place, hash.Value, bool) {
	k := h.sh.st.Key(at.Key)
	e, ok := h.sh.Peek(k, now)
	if !ok {
		return at, hash.Value{}, false
	}
	return placeOf(k, e), e.hash(), true
}

func (h hashHome) Splice(at hash.Place, off, oldSize, newSize int) (hash.Place, []byte, error) {
	sh, e := h.sh, h.entry(at)
	n := e.Len()
	length := n + newSize - oldSize
	if to, ok := sh.resized(e, len(at.Key), length); ok {
		start := e.off + headerSize(to.header) + uint64(len(at.Key))
		b := sh.mem.Bytes(start, uint64(max(n, length)))
		copy(b[off+newSize:], b[off+oldSize:n])
		return at, b[:length:length], nil
	}
	to, err := sh.rewrite(e, length, 0, func(to, from []byte) {
		copy(to, from[:off])
		copy(to[off+newSize:], from[off+oldSize:])
	})
	if err != nil {
		return at, nil, err
	}
	at.Off = to.off
	return at, to.Value(), nil
}

func (h hashHome) Plant(at hash.Place, tree []byte) (hash.Place, []byte, error) {
	to, err := h.sh.rewrite(h.entry(at), len(tree), largeFlag, func(to, _ []byte) { copy(to, tree) })
	if err != nil {
		return at, nil, fmt.Errorf("store: %w", err)
	}
	at.Off = to.off
	return at, to.Value(), nil
}

func (h hashHome) Copy(at hash.Place) (hash.Place, []byte, error) {
	sh, e := h.sh, h.entry(at)
	n := e.size()
	ref, err := sh.st.arena.Alloc(sh.group, n)
	if err != nil {
		return at, nil, err
	}
	copy(sh.st.arena.Bytes(ref, n), sh.st.arena.Bytes(e.ref(), n))
	sh.tab.Point(e.slot, ref)
	at.Off = ref.Offset()
	return at, h.entry(at).Value(), nil
}

func (h hashHome) Undo(at, original hash.Place) {
	e, to := h.entry(at), h.entry(original)
	if e.timed() && !to.timed() {
		h.sh.expiry.RemoveHash()
	}
	h.sh.point(e, to.ref())
}

func (h hashHome) Commit(original hash.Place) { h.sh.freeBlock(h.entry(original)) }

func (h hashHome) UndoReplace(at, original hash.Place) {
	e := h.entry(at)
	h.sh.forget(e)
	h.sh.point(e, h.entry(original).ref())
}

// CommitReplace only now tells a view of the original.
func (h hashHome) CommitReplace(at, original hash.Place) {
	e, old := h.entry(at), h.entry(original)
	h.sh.giveUp(&old)
	if h.sh.viewed() {
		h.sh.part.markNewer(&e)
	}
	h.sh.freeBlock(old)
}

func (h hashHome) Expires(at hash.Place, first bool, when int64) {
	sh := h.sh
	if first {
		e := h.entry(at)
		sh.mem.Store(e.off, e.header|timedFlag)
		sh.expiry.AddHash()
	}
	sh.expiry.Expect(when)
}

func (h hashHome) Preserve(at hash.Place, v hash.Value, leaf int) {
	sh, e := h.sh, h.entry(at)
	sh.part.preserve(&e)
	if !v.Large() {
		return
	}
	p := sh.part
	kept := p.noted(e)
	if kept == nil || p.v.off.Load() {
		return
	}
	if err := kept.kept.Save(v, leaf); err != nil {
		p.v.fail(fmt.Errorf("store: keep a part of a hash for the snapshot: %w", err))
	}
}

func (h hashHome) Kept(at hash.Place) bool {
	return h.sh.viewed() && h.sh.part.noted(h.entry(at)) != nil
}

func (h hashHome) Changed(at hash.Place) { h.sh.changed(h.entry(at).Key(), Written) }

func (h hashHome) Remove(at hash.Place, quietly bool) {
	if quietly {
		h.sh.discard(h.entry(at), nil)
		return
	}
	h.sh.Remove(h.entry(at))
}
