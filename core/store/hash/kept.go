package hash

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
)

// Kept is what a view has to do with a large hash that was changed or removed before
// it was walked, or that the walk is in. The walk goes through the leaves in the order
// of the fields' hashes; a leaf that it has not been at is copied before it is changed,
// and marked as newer. Leaves only ever split, and both halves have the mark, so that a
// leaf is always on one side of from.
type Kept struct {
	m      *Memory
	counts *atomic.Int64 // bytes that were copied for the view
	from   uint64        // the first hash of a field that was not walked
	done   bool          // all were
	copies []arena.Ref   // of leaves
}

// Keep begins to keep a large hash. The bytes that are copied are added to counts.
func (m *Memory) Keep(counts *atomic.Int64) Kept { return Kept{m: m, counts: counts} }

// Done says whether all of the hash was walked.
func (k *Kept) Done() bool { return k.done }

// Save copies the leaf at place i, which is about to be changed, if it was not walked
// and is as old as the view. Errors wrap arena.ErrNoMemory.
func (k *Kept) Save(v Value, i int) error {
	t := tree{k.m, v.Bytes}
	l := t.leaf(i)
	if k.done || l.isNewer() || t.first(i, l.depth()) < k.from {
		return nil
	}
	ref, err := k.m.CopyBlock(l.ref, l.size(), k.counts)
	if err != nil {
		return err
	}
	c := leaf{k.m, ref}
	if l.hasBlocks() {
		if err := k.m.copyValues(c.pack(), k.counts); err != nil {
			k.m.FreeCopy(ref, c.size())
			return err
		}
	}
	k.copies = append(k.copies, ref)
	l.setFlag(leafNewer)
	return nil
}

// walkedAtOnce is how many leaves are walked under one lock.
const walkedAtOnce = 16

// Walk shows the fields of some leaves, unless visit is nil, and clears their marks.
func (k *Kept) Walk(v Value, visit Visit) {
	t, steps := tree{k.m, v.Bytes}, 0
	t.leaves(t.index(k.from), func(i int, l leaf) bool {
		if steps++; steps > walkedAtOnce {
			return false
		}
		if l.isNewer() {
			l.clearFlag(leafNewer)
		} else if visit != nil {
			k.m.visit(l.pack(), visit)
		}
		width := uint64(1) << (64 - l.depth()) // 0: all
		k.from = t.first(i, l.depth()) + width
		k.done = k.from == 0
		return true
	})
}

// Copies shows the fields of the leaves that were copied.
func (k *Kept) Copies(visit Visit) {
	for _, ref := range k.copies {
		k.m.visit(leaf{k.m, ref}.pack(), visit)
	}
}

// Free frees the copies of leaves.
func (k *Kept) Free() {
	for _, ref := range k.copies {
		l := leaf{k.m, ref}
		k.m.freeCopiedValues(l.pack())
		k.m.FreeCopy(ref, l.size())
	}
	k.copies = nil
}

// Visit is shown a field as it is stored, expired or not. ref is the block of the value
// if it has one of its own, or 0.
type Visit func(name, value []byte, ref arena.Ref, expireAt int64)

// Visit shows all fields of a small hash.
func (m *Memory) Visit(v Value, visit Visit) { m.visit(v.pack(), visit) }

func (m *Memory) visit(pack []byte, visit Visit) {
	var p packed
	for off := 0; p.next(pack, off); off = p.end() {
		visit(p.field, m.fieldValue(p), arena.Ref(p.ref), p.at)
	}
}

// CopyBlock copies the first n bytes of a block for a view, and adds what that takes to
// counts. Errors wrap arena.ErrNoMemory.
func (m *Memory) CopyBlock(from arena.Ref, n int, counts *atomic.Int64) (arena.Ref, error) {
	ref, err := m.alloc(n)
	if err != nil {
		return 0, err
	}
	copy(m.Arena.Bytes(ref, n), m.Arena.Bytes(from, n))
	counts.Add(int64(arena.Round(n)))
	m.Copied.Add(int64(arena.Round(n)))
	return ref, nil
}

// FreeCopy frees a copy of n bytes.
func (m *Memory) FreeCopy(ref arena.Ref, n int) {
	m.Copied.Add(-int64(arena.Round(n)))
	m.free(ref, n)
}

// OwnValues gives the copy of a small hash values out of line of its own. If it fails,
// it has none; errors wrap arena.ErrNoMemory.
func (m *Memory) OwnValues(v Value, counts *atomic.Int64) error {
	return m.copyValues(v.pack(), counts)
}

// FreeOwnValues gives them back.
func (m *Memory) FreeOwnValues(v Value) { m.freeCopiedValues(v.pack()) }

// copyValues gives a copied pack values out of line of its own: copies of
// short ones, pins of long ones. If it fails, it has none.
func (m *Memory) copyValues(pack []byte, counts *atomic.Int64) error {
	for f, ok := next(pack, 0); ok; f, ok = next(pack, f.end()) {
		if f.ref == 0 {
			continue
		}
		if err := m.copyValue(pack, f, counts); err != nil {
			m.freeCopiedValues(pack[:f.off])
			return err
		}
	}
	return nil
}

func (m *Memory) copyValue(pack []byte, f packed, counts *atomic.Int64) error {
	if f.length > arena.MaxSmall {
		if !m.Arena.Pin(arena.Ref(f.ref)) {
			return fmt.Errorf("%w: too many replies hold one value", arena.ErrNoMemory)
		}
		return nil
	}
	ref, err := m.CopyBlock(arena.Ref(f.ref), f.length, counts)
	if err == nil {
		f.setRef(pack, ref)
	}
	return err
}

func (m *Memory) freeCopiedValues(pack []byte) {
	for f, ok := next(pack, 0); ok; f, ok = next(pack, f.end()) {
		switch {
		case f.ref == 0:
		case f.length > arena.MaxSmall:
			m.Arena.Unpin(arena.Ref(f.ref))
		default:
			m.FreeCopy(arena.Ref(f.ref), f.length)
		}
	}
}

// setRef changes the reference of a field whose value is out of line.
func (p packed) setRef(pack []byte, ref arena.Ref) {
	binary.LittleEndian.PutUint64(pack[p.off+p.refAt():], uint64(ref))
}
