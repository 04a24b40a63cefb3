package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
)

// What a shard's hooks are for, besides listeners: see Shard.hooks.
const (
	hookView     = 1 << iota // sh.part is set
	hookChanges              // sh.since is set
	hookWork                 // sh.works has some
	hookListener             // times the number of listeners
)

// wholeShard is a cursor behind all fragments.
const wholeShard = 1 << index.FragBits

// part is what a view has to do with one shard, whose lock guards it.
type part struct {
	v      *View
	only   stretches    // what the view has of the shard; nil: everything
	cursor uint64       // the first fragment that was not walked
	done   bool         // all was
	marked bool         // there may be marks behind the cursor
	tab    *index.Table // what FLUSHALL left to the view

	copies []arena.Ref // of entries, not yet yielded
	pinned []pinnedString
	trees  map[string]*keptTree // large hashes that were changed before they were walked
	parted []*keptTree          // large hashes that were removed before they were walked
	walked *keptTree            // the large hash that the walk is in
	queued bool                 // in the view's backlog

	since, fresh *changes
}

// pinnedString is a string that stays where it is.
type pinnedString struct {
	record snapshot.Record
	ref    arena.Ref
}

// awaits says whether the walk has still to be at a fragment.
func (p *part) awaits(frag uint64) bool {
	return !p.done && p.tab == nil && frag >= p.cursor && (p.only == nil || p.only.has(frag)) && !p.v.off.Load()
}

// viewed says whether a view has to do with the shard.
func (sh *Shard) viewed() bool { return sh.hooks.Load()&hookView != 0 }

// mark says that nothing of an entry is owed to the view.
func (sh *Shard) mark(e *Entry) {
	e.header |= newerFlag
	sh.mem.Store(e.off, e.header)
	sh.part.marked = true
}

// markNew marks an entry that was made or changed.
func (sh *Shard) markNew(e *Entry) {
	if e.header&newerFlag == 0 && sh.part.awaits(sh.tab.FragAt(e.slot)) {
		sh.mark(e)
	}
}

func (sh *Shard) fragAt(slot int) uint64 { return index.Frag(sh.tab.Load().Slots[slot]) }

// own copies what the view has still to walk of an entry that is about to be
// changed or removed. A large hash it only notes: see Fields.own.
func (sh *Shard) own(e *Entry) {
	p := sh.part
	if e.header&newerFlag != 0 || !p.awaits(sh.tab.FragAt(e.slot)) {
		return
	}
	if err := sh.copyOwed(p, *e); err != nil {
		p.v.fail(fmt.Errorf("store: keep an entry for the snapshot: %w", err))
		return
	}
	sh.mark(e)
}

func (sh *Shard) copyOwed(p *part, e Entry) error {
	switch {
	case p.v.full && e.expired(p.v.now):
		return nil
	case e.Type() == Hash && e.isTree():
		p.noteTree(e)
		return nil
	case e.Type() == String && e.size() > arena.MaxSmall && sh.st.arena.Pin(e.ref()):
		p.pinned = append(p.pinned, pinnedString{
			record: snapshot.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()}, ref: e.ref(),
		})
	default:
		ref, err := sh.copyBlock(p, e.ref(), e.size())
		if err != nil {
			return err
		}
		if c := sh.entryAt(ref); e.Type() == Hash {
			if err := sh.copyValues(p, c.Value()[c.packHead():]); err != nil {
				sh.freeCopy(ref, e.size())
				return err
			}
		}
		p.copies = append(p.copies, ref)
	}
	p.queue(sh)
	return nil
}

// partWith lets go of an entry that is about to be removed or replaced as a whole:
// own, and a large hash that the view is not done with goes to the view. e is
// then nothing but a block.
func (sh *Shard) partWith(e *Entry) {
	sh.own(e)
	if e.Type() != Hash || !e.isTree() {
		return
	}
	p := sh.part
	t := p.keeps(*e)
	if t == nil {
		return
	}
	sh.thaw(*e)
	delete(p.trees, string(t.key))
	ref, err := sh.copyBlock(p, e.ref(), e.size())
	if err != nil {
		p.v.fail(fmt.Errorf("store: keep a hash for the snapshot: %w", err))
		if t.lost = true; t != p.walked {
			t.freeCopies(sh)
		}
		return
	}
	t.root, t.parted = sh.entryAt(ref), true
	if t != p.walked {
		p.parted = append(p.parted, t)
		p.queue(sh)
	}
	if e.header&fieldsFlag != 0 {
		sh.expiry.RemoveHash()
	}
	e.header &^= typeMask | fieldsFlag | treeFlag
}

func (sh *Shard) entryAt(ref arena.Ref) Entry {
	return Entry{mem: sh.mem, off: ref.Offset(), header: sh.mem.Load(ref.Offset())}
}

// copyBlock copies the first n bytes of a block.
func (sh *Shard) copyBlock(p *part, from arena.Ref, n int) (arena.Ref, error) {
	ref, err := sh.st.arena.Alloc(sh.group, n)
	if err != nil {
		return 0, err
	}
	copy(sh.st.arena.Bytes(ref, n), sh.st.arena.Bytes(from, n))
	p.v.copied.Add(int64(arena.Round(n)))
	sh.st.copies.Add(int64(arena.Round(n)))
	return ref, nil
}

func (sh *Shard) freeCopy(ref arena.Ref, n int) {
	sh.st.copies.Add(-int64(arena.Round(n)))
	sh.st.arena.Free(sh.group, ref, n)
}

// copyValues gives a copied pack values out of line of its own: copies of
// short ones, pins of long ones. If it fails, it has none.
func (sh *Shard) copyValues(p *part, pack []byte) error {
	for f, ok := next(pack, 0); ok; f, ok = next(pack, f.end()) {
		if f.ref == 0 {
			continue
		}
		if err := sh.copyValue(p, pack, f); err != nil {
			sh.freeCopiedValues(pack[:f.off])
			return err
		}
	}
	return nil
}

func (sh *Shard) copyValue(p *part, pack []byte, f packed) error {
	if f.length > arena.MaxSmall {
		if !sh.st.arena.Pin(arena.Ref(f.ref)) {
			return fmt.Errorf("%w: too many replies hold one value", ErrNoMemory)
		}
		return nil
	}
	ref, err := sh.copyBlock(p, arena.Ref(f.ref), f.length)
	if err == nil {
		f.setRef(pack, uint64(ref))
	}
	return err
}

func (sh *Shard) freeCopiedValues(pack []byte) {
	for f, ok := next(pack, 0); ok; f, ok = next(pack, f.end()) {
		switch {
		case f.ref == 0:
		case f.length > arena.MaxSmall:
			sh.st.arena.Unpin(arena.Ref(f.ref))
		default:
			sh.freeCopy(arena.Ref(f.ref), f.length)
		}
	}
}

// freeEntryCopy frees a copy of an entry.
func (sh *Shard) freeEntryCopy(ref arena.Ref) {
	e := sh.entryAt(ref)
	if e.Type() == Hash {
		sh.freeCopiedValues(e.Value()[e.packHead():])
	}
	sh.freeCopy(ref, e.size())
}

// queue lets the view know of something to be yielded before it goes on.
func (p *part) queue(sh *Shard) {
	if p.queued {
		return
	}
	p.queued = true
	p.v.mu.Lock()
	p.v.backlog = append(p.v.backlog, sh.index)
	p.v.mu.Unlock()
}

// gone says whether what expired then is left out of the view.
func (v *View) gone(at int64) bool { return v.full && expiry.Past(at, v.now) }

// Kept is how many bytes of Memory.Allocated are copies for a snapshot that is
// under way. They go by themselves.
func (st *Store) Kept() int64 { return st.copies.Load() }
