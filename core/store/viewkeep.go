package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
)

// wholeShard is a cursor behind all fragments.
const wholeShard = 1 << index.FragBits

// part is what a view has to do with one shard, whose lock guards it.
type part struct {
	v      *View
	sh     *Shard
	only   stretches    // what the view has of the shard; nil: everything
	cursor uint64       // the first fragment that was not walked
	done   bool         // all was
	marked bool         // there may be marks behind the cursor
	tab    *index.Table // what FLUSHALL left to the view

	copies []arena.Ref // of entries, not yet yielded
	pinned []pinnedString
	large  map[string]*keptLarge // large values that were changed before they were walked
	handed []*keptLarge          // large values that were removed before they were walked
	walked *keptLarge            // the large value that the walk is in
	queued bool                  // in the view's backlog

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

// setNewer says that nothing of an entry is owed to the view.
func (p *part) setNewer(e *Entry) {
	e.header |= newerFlag
	e.mem.Store(e.off, e.header)
	p.marked = true
}

// markNewer marks an entry that was made or changed as newer than the moment.
func (p *part) markNewer(e *Entry) {
	if e.header&newerFlag == 0 && p.awaits(p.sh.tab.FragAt(e.slot)) {
		p.setNewer(e)
	}
}

// preserve copies what the view has still to walk of an entry that is about to be
// changed or removed. A large value it only notes: see keptLarge.
func (p *part) preserve(e *Entry) {
	if e.header&newerFlag != 0 || !p.awaits(p.sh.tab.FragAt(e.slot)) {
		return
	}
	if err := p.copyOwed(*e); err != nil {
		p.v.fail(fmt.Errorf("store: keep an entry for the snapshot: %w", err))
		return
	}
	p.setNewer(e)
}

func (p *part) copyOwed(e Entry) error {
	switch {
	case p.v.full && e.expired(p.v.now):
		return nil
	case e.Large():
		p.noteLarge(e)
		return nil
	case e.Type() == String && e.size() > arena.MaxSmall && p.v.st.arena.Pin(e.ref()):
		p.pinned = append(p.pinned, pinnedString{
			record: snapshot.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()}, ref: e.ref(),
		})
	default:
		ref, err := p.copyEntry(e, true)
		if err != nil {
			return err
		}
		p.copies = append(p.copies, ref)
	}
	p.queue()
	return nil
}

// handOver is preserve for an entry that is about to be removed or replaced as a whole. A
// large value that the view is not done with is the view's from then on: nothing is left
// of e but its block, which the caller frees.
func (p *part) handOver(e *Entry) {
	p.preserve(e)
	if !e.Large() {
		return
	}
	t := p.noted(*e)
	if t == nil {
		return
	}
	p.sh.hashes.Thaw(e.Key(), e.hash())
	delete(p.large, string(t.key))
	ref, err := p.copyEntry(*e, false)
	if err != nil {
		p.v.fail(fmt.Errorf("store: keep a hash for the snapshot: %w", err))
		if t.lost = true; t != p.walked {
			t.kept.Free()
		}
		return
	}
	t.root, t.owned = p.sh.entryAt(ref), true
	if t != p.walked {
		p.handed = append(p.handed, t)
		p.queue()
	}
	if e.timed() {
		p.sh.expiry.RemoveHash()
	}
	*e = e.blockOnly()
}

// copyEntry copies an entry for the view, with what its value has outside it if deep.
func (p *part) copyEntry(e Entry, deep bool) (arena.Ref, error) {
	ref, err := p.sh.hashes.CopyBlock(e.ref(), e.size(), &p.v.copied)
	if err != nil || !deep {
		return ref, err
	}
	if err := p.sh.ownParts(p.sh.entryAt(ref), &p.v.copied); err != nil {
		p.sh.hashes.FreeCopy(ref, e.size())
		return 0, err
	}
	return ref, nil
}

// freeCopy frees a copy of an entry.
func (p *part) freeCopy(ref arena.Ref) {
	e := p.sh.entryAt(ref)
	p.sh.freeOwnParts(e)
	p.sh.hashes.FreeCopy(ref, e.size())
}

// queue lets the view know of something to be yielded before it goes on.
func (p *part) queue() {
	if p.queued {
		return
	}
	p.queued = true
	p.v.mu.Lock()
	p.v.backlog = append(p.v.backlog, p.sh.index)
	p.v.mu.Unlock()
}

// gone says whether what expired then is left out of the view.
func (v *View) gone(at int64) bool { return v.full && expiry.Past(at, v.now) }
