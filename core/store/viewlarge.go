package store

import (
	"github.com/redistill-go/redistill/core/store/hash"
	"github.com/redistill-go/redistill/core/store/index"
)

// keptLarge is a large value that was changed or removed before the view walked it, or
// that the walk is in.
type keptLarge struct {
	key      []byte
	expireAt int64     // at the moment
	kept     hash.Kept // what was changed of it, and how far the walk is
	owned    bool      // root is the view's own: the key holds something else
	root     Entry
	lost     bool // there was no memory to keep it: the view has failed
}

// noteLarge begins to keep a large value.
func (p *part) noteLarge(e Entry) *keptLarge {
	t := &keptLarge{key: append([]byte(nil), e.Key()...), expireAt: e.ExpireAt(), kept: p.sh.keepLarge(&p.v.copied)}
	if p.large == nil {
		p.large = map[string]*keptLarge{}
	}
	p.large[string(t.key)] = t
	return t
}

// noted is what the view has to do with a large value; nil: nothing, as with all
// that came after a FLUSHALL that left the view a table of its own, where a value
// of the same name may be.
func (p *part) noted(e Entry) *keptLarge {
	if p.tab != nil {
		return nil
	}
	return p.large[string(e.Key())]
}

// rootIn is the entry of the value: the view's own, or the one that the key still holds.
func (t *keptLarge) rootIn(tab *index.Table, sh *Shard) Entry {
	if t.owned {
		return t.root
	}
	return sh.findIn(tab, t.key)
}

// free frees what the view has of its own.
func (t *keptLarge) free(sh *Shard) {
	t.kept.Free()
	if t.owned {
		sh.freeParts(t.root)
		sh.hashes.FreeCopy(t.root.ref(), t.root.size())
	}
}

// beginLarge makes the first large value in a group the one that the walk is in,
// if there is one with which the view is not done. all says that those count
// that nobody has changed.
func (p *part) beginLarge(sh *Shard, t *index.Table, slot, end int, all bool) bool {
	for ; slot < end; slot++ {
		e := sh.entry(t.Slots[slot], slot)
		if !e.Large() {
			continue
		}
		if e.header&newerFlag != 0 {
			if p.walked = p.large[string(e.Key())]; p.walked != nil {
				return true
			}
			continue
		}
		if all && (!p.v.full || !e.expired(p.v.now)) {
			p.walked = p.noteLarge(e)
			p.setNewer(&e)
			return true
		}
	}
	return false
}

// stepLarge walks some parts of the large value that the walk is in and says
// whether it is done.
func (w *walker) stepLarge(sh *Shard, p *part, tab *index.Table) bool {
	t := p.walked
	if t.lost {
		t.kept.Free()
		p.walked = nil
		return true
	}
	if t.kept.Walk(t.rootIn(tab, sh).hash(), w.large.field(w.v)); !t.kept.Done() {
		return false
	}
	delete(p.large, string(t.key))
	p.walked = nil
	w.taken = t
	return false
}

// takeLarge makes a record of a large value whose parts are in the batch.
func (w *walker) takeLarge(sh *Shard, t *keptLarge) {
	t.kept.Copies(w.large.field(w.v))
	t.free(sh)
	w.large.endFields(t.key, t.expireAt)
}

// findIn finds a key that is in a table.
func (sh *Shard) findIn(t *index.Table, key []byte) Entry {
	frag := sh.st.frag(sh.st.Key(key).Hash)
	for i := t.At(frag); t.Slots[i] != 0 && index.Frag(t.Slots[i]) == frag; i++ {
		if e := sh.entry(t.Slots[i], i); string(e.Key()) == string(key) {
			return e
		}
	}
	panic("store: a value that is being walked is gone")
}
