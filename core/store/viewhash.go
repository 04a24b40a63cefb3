package store

import "github.com/redistill-go/redistill/core/store/index"

// beginTree makes the first large hash in a group the one that the walk is in,
// if there is one with which the view is not done. all says that those count
// that nobody has changed.
func (p *part) beginTree(sh *Shard, t *index.Table, slot, end int, all bool) bool {
	for ; slot < end; slot++ {
		e := sh.entry(t.Slots[slot], slot)
		if !e.isTree() {
			continue
		}
		if e.header&newerFlag != 0 {
			if p.walked = p.trees[string(e.Key())]; p.walked != nil {
				return true
			}
			continue
		}
		if all && (!p.v.full || !e.expired(p.v.now)) {
			p.walked = p.noteTree(e)
			sh.mark(&e)
			return true
		}
	}
	return false
}

// stepTree walks some leaves of the large hash that the walk is in and says
// whether it is done.
func (w *walker) stepTree(sh *Shard, p *part, tab *index.Table) bool {
	t := p.walked
	if t.lost {
		t.freeCopies(sh)
		p.walked = nil
		return true
	}
	root := t.root
	if !t.parted {
		root = sh.findIn(tab, t.key)
	}
	if t.walkLeaves(w.v, root, sh, &w.large); !t.done {
		return false
	}
	delete(p.trees, string(t.key))
	p.walked = nil
	w.taken = t
	return false
}

// takeTree makes a record of a large hash whose leaves are in the batch.
func (w *walker) takeTree(sh *Shard, t *keptTree) {
	for _, ref := range t.copies {
		w.large.fieldsOf(w.v, sh, leaf{sh, ref}.pack())
	}
	t.freeCopies(sh)
	if t.parted {
		t.freeRoot(sh)
	}
	w.large.endHash(t.key, t.expireAt)
}

// findIn finds a key that is in a table.
func (sh *Shard) findIn(t *index.Table, key []byte) Entry {
	frag := sh.st.frag(sh.st.Key(key).Hash)
	for i := t.At(frag); t.Slots[i] != 0 && index.Frag(t.Slots[i]) == frag; i++ {
		if e := sh.entry(t.Slots[i], i); string(e.Key()) == string(key) {
			return e
		}
	}
	panic("store: a hash that is being walked is gone")
}
