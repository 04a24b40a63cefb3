package store

import (
	"encoding/binary"
	"fmt"

	"github.com/redistill-go/redistill/core/store/arena"
)

// keptTree is what a view has to do with a large hash that was changed or
// removed before it was walked, or that the walk is in. The walk goes through
// the leaves in the order of the fields' hashes; a leaf that it has not been at
// is copied before it is changed, and marked as newer. Leaves only ever split,
// and both halves have the mark, so that a leaf is always on one side of from.
type keptTree struct {
	key      []byte
	expireAt int64       // at the moment
	from     uint64      // the first hash of a field that was not walked
	done     bool        // all were
	copies   []arena.Ref // of leaves
	parted   bool        // root is the view's own: the key holds something else
	root     Entry
	lost     bool // there was no memory to keep it: the view has failed
}

// noteTree begins to keep a large hash.
func (p *part) noteTree(e Entry) *keptTree {
	t := &keptTree{key: append([]byte(nil), e.Key()...), expireAt: e.ExpireAt()}
	if p.trees == nil {
		p.trees = map[string]*keptTree{}
	}
	p.trees[string(t.key)] = t
	return t
}

// keeps is what the view has to do with a large hash; nil: nothing, as with all
// that came after a FLUSHALL that left the view a table of its own, where a hash
// of the same name may be.
func (p *part) keeps(e Entry) *keptTree {
	if p.tab != nil {
		return nil
	}
	return p.trees[string(e.Key())]
}

// own keeps what a view has still to walk of the leaf at place i, or of the
// pack, which is about to be changed, and what readers have still to read.
func (f *Fields) own(i int) {
	if f.log != nil && f.log.replaced {
		return // what is new is not owed
	}
	if f.e.isTree() && f.tree().frozen() {
		f.sh.freezeOf(f.k.Bytes).keep(f.tree(), i)
	}
	if !f.sh.viewed() {
		return
	}
	f.sh.own(&f.e)
	if !f.e.isTree() {
		return
	}
	p := f.sh.part
	kept := p.keeps(f.e)
	if kept == nil || kept.done || p.v.off.Load() {
		return
	}
	t := f.tree()
	l := t.leaf(i)
	if l.isNewer() || t.first(i, l.depth()) < kept.from {
		return
	}
	if err := f.sh.copyLeaf(p, kept, l); err != nil {
		p.v.fail(fmt.Errorf("store: keep a part of a hash for the snapshot: %w", err))
		return
	}
	l.setFlag(leafNewer)
}

func (sh *Shard) copyLeaf(p *part, t *keptTree, l leaf) error {
	ref, err := sh.copyBlock(p, l.ref, l.size())
	if err != nil {
		return err
	}
	c := leaf{sh, ref}
	if l.hasBlocks() {
		if err := sh.copyValues(p, c.pack()); err != nil {
			sh.freeCopy(ref, c.size())
			return err
		}
	}
	t.copies = append(t.copies, ref)
	return nil
}

// keptByView says whether a view is not done with the tree.
func (f *Fields) keptByView() bool {
	return f.sh.viewed() && f.sh.part.keeps(f.e) != nil
}

// leafSteps is how many leaves are walked under one lock.
const leafSteps = 16

// walkLeaves appends the fields of some leaves to b, unless it is nil, and
// clears their marks. root is the entry of the tree.
func (t *keptTree) walkLeaves(v *View, root Entry, sh *Shard, b *batch) {
	tr, steps := tree{sh, root.Value()}, 0
	tr.leaves(tr.index(t.from), func(i int, l leaf) bool {
		if steps++; steps > leafSteps {
			return false
		}
		if l.isNewer() {
			l.clearFlag(leafNewer)
		} else if b != nil {
			b.fieldsOf(v, sh, l.pack())
		}
		width := uint64(1) << (64 - l.depth()) // 0: all
		t.from = tr.first(i, l.depth()) + width
		t.done = t.from == 0
		return true
	})
}

// freeCopies frees the copies of leaves.
func (t *keptTree) freeCopies(sh *Shard) {
	for _, ref := range t.copies {
		l := leaf{sh, ref}
		sh.freeCopiedValues(l.pack())
		sh.freeCopy(ref, l.size())
	}
	t.copies = nil
}

// freeRoot frees a tree that is the view's own.
func (t *keptTree) freeRoot(sh *Shard) {
	sh.freeFields(t.root)
	sh.freeCopy(t.root.ref(), t.root.size())
}

// setRef changes the reference of a field whose value is out of line.
func (p packed) setRef(pack []byte, ref uint64) {
	i := p.off
	if p.timed {
		i += 9
	}
	_, i = packLength(pack, i)
	binary.LittleEndian.PutUint64(pack[i+5:], ref)
}
