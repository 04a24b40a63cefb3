package store

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/store/arena"
)

// How much of a shard is walked under one lock.
const (
	viewStep  = 64       // entries
	viewBytes = 64 << 10 // copied
)

// walker is one goroutine of a walk.
type walker struct {
	n int // of the workers

	v       *View
	b       batch
	large   batch     // the fields of a large hash, over many steps
	shard   int       // the one that the walker is in; -1: none
	taken   *keptTree // the large hash that the last step came to the end of
	yield   func(module.Record) error
	yielded int64 // since the view was last told
}

// Walk implements module.View.
func (v *View) Walk(ctx context.Context, workers int, yield func(worker int, r module.Record) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for n := range max(1, min(workers, len(v.parts))) {
		wg.Go(func() {
			w := &walker{v: v, n: n, shard: -1}
			w.yield = func(r module.Record) error {
				w.yielded++
				return yield(n, r)
			}
			defer w.drop()
			if err := w.run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return v.stopped(ctx)
}

func (w *walker) run(ctx context.Context) error {
	for {
		if more, err := w.turn(ctx); err != nil || !more {
			return err
		}
		if err := w.rest(ctx); err != nil {
			return err
		}
		w.v.walked.Add(w.yielded)
		w.yielded = 0
		runtime.Gosched() // clients first
	}
}

// restTime is how long a worker rests before it asks again.
const restTime = 2 * time.Millisecond

// rest waits between two shards until the worker may go on, or until there is
// nothing more to do.
func (w *walker) rest(ctx context.Context) error {
	v := w.v
	if w.n == 0 || v.share == nil || w.shard >= 0 {
		return nil
	}
	for w.n >= v.share() && v.next.Load() < int64(len(v.parts)) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(restTime):
		}
	}
	return nil
}

// turn yields what was copied by clients, and a little of one shard. It says
// whether there is more to do.
func (w *walker) turn(ctx context.Context) (more bool, err error) {
	v := w.v
	if w.shard < 0 {
		if err := w.catchUp(ctx); err != nil {
			return false, err
		}
		i := int(v.next.Add(1)) - 1
		if i >= len(v.parts) {
			return false, nil
		}
		if v.parts[i].done {
			return true, nil
		}
		w.shard = i
	}
	if err := v.stopped(ctx); err != nil {
		return false, err
	}
	done := w.step(w.shard)
	if w.taken != nil {
		w.takeTree(&v.st.shards[w.shard], w.taken)
		w.taken = nil
	}
	if err := w.flush(); err != nil || !done {
		return true, err
	}
	err = w.drain(ctx, w.shard)
	w.shard = -1
	return true, err
}

// step walks some entries of a shard and says whether it is done.
func (w *walker) step(i int) (done bool) {
	sh, p := &w.v.st.shards[i], &w.v.parts[i]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := p.table(sh)
	if p.walked != nil && !w.stepTree(sh, p, t) {
		return false
	}
	seen := 0
	for slot := p.slot(t, p.cursor); slot >= 0; {
		frag := slotFrag(t.slots[slot])
		if p.only != nil && !p.only.has(frag) {
			slot = p.slot(t, frag)
			continue
		}
		p.cursor = frag
		if seen >= viewStep || len(w.b.bytes) >= viewBytes {
			return false
		}
		end := t.groupEnd(slot)
		if p.beginTree(sh, t, slot, end, true) {
			return false
		}
		for ; slot < end; slot++ {
			w.entry(sh, p, sh.entry(t.slots[slot], slot))
			seen++
		}
		slot = t.used(end)
	}
	p.finish(sh)
	return true
}

// table is what the view walks of the shard.
func (p *part) table(sh *Shard) *table {
	if p.tab != nil {
		return p.tab
	}
	return sh.tab.Load()
}

// slot is the first one from a fragment on that may be of interest, or -1.
func (p *part) slot(t *table, frag uint64) int {
	if frag >= wholeShard {
		return -1
	}
	if p.only != nil {
		var ok bool
		if frag, ok = p.only.next(frag); !ok {
			return -1
		}
	}
	return t.next(frag)
}

// groupEnd is where the entries end that share the fragment of a slot. They are
// walked together: the cursor can't point between them.
func (t *table) groupEnd(slot int) int {
	frag := slotFrag(t.slots[slot])
	for slot++; t.slots[slot] != 0 && slotFrag(t.slots[slot]) == frag; slot++ {
	}
	return slot
}

// entry takes an entry that is no large hash into the batch, unless it is newer
// than the moment.
func (w *walker) entry(sh *Shard, p *part, e Entry) {
	switch {
	case e.header&newerFlag != 0:
		sh.mem.Store(e.off, e.header&^newerFlag)
	case w.v.full && e.expired(w.v.now), e.isTree():
	case e.Type() == Hash:
		w.b.hash(w.v, sh, e)
	case e.size() > arena.MaxSmall && sh.st.arena.Pin(e.ref()):
		w.b.add(module.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()})
		w.b.pins = append(w.b.pins, e.ref())
	default:
		w.b.string(e)
	}
}

// beginTree makes the first large hash in a group the one that the walk is in,
// if there is one with which the view is not done. all says that those count
// that nobody has changed.
func (p *part) beginTree(sh *Shard, t *table, slot, end int, all bool) bool {
	for ; slot < end; slot++ {
		e := sh.entry(t.slots[slot], slot)
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
func (w *walker) stepTree(sh *Shard, p *part, tab *table) bool {
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
func (sh *Shard) findIn(t *table, key []byte) Entry {
	frag := sh.st.frag(sh.st.Key(key).Hash)
	for i := t.at(frag); t.slots[i] != 0 && slotFrag(t.slots[i]) == frag; i++ {
		if e := sh.entry(t.slots[i], i); string(e.Key()) == string(key) {
			return e
		}
	}
	panic("store: a hash that is being walked is gone")
}

// finish ends the walk of a shard.
func (p *part) finish(sh *Shard) {
	p.cursor, p.done = wholeShard, true
	if p.tab != nil {
		sh.freeTable(p.tab)
		p.tab = nil
	}
	sh.part = nil
	sh.hooks.Add(-hookView)
}

// flush yields what the batches hold.
func (w *walker) flush() error {
	err := w.b.flush(w.v.st, w.yield)
	if len(w.large.records) > 0 {
		if e := w.large.flush(w.v.st, w.yield); err == nil {
			err = e
		}
		w.large = batch{}
	}
	return err
}

// catchUp yields the copies that wait in any shard.
func (w *walker) catchUp(ctx context.Context) error {
	v := w.v
	for {
		v.mu.Lock()
		n := len(v.backlog)
		i := 0
		if n > 0 {
			i, v.backlog = v.backlog[n-1], v.backlog[:n-1]
		}
		v.mu.Unlock()
		if n == 0 {
			return nil
		}
		if err := w.drain(ctx, i); err != nil {
			return err
		}
	}
}

// drain yields the copies of one shard.
func (w *walker) drain(ctx context.Context, i int) error {
	v := w.v
	sh, p := &v.st.shards[i], &v.parts[i]
	sh.mu.Lock()
	copies, pinned, parted := p.copies, p.pinned, p.parted
	p.copies, p.pinned, p.parted, p.queued = nil, nil, nil, false
	sh.mu.Unlock()
	err := v.stopped(ctx)
	for _, ref := range copies {
		if err == nil {
			err = w.copied(sh, sh.entryAt(ref))
		}
		sh.freeEntryCopy(ref)
	}
	for _, k := range pinned {
		if err == nil {
			err = w.yield(k.record)
		}
		v.st.arena.Unpin(k.ref)
	}
	for _, t := range parted {
		for !t.done && err == nil {
			t.walkLeaves(v, t.root, sh, &w.large)
			err = v.stopped(ctx)
		}
		w.takeTree(sh, t)
		if err == nil {
			err = w.flush()
		}
		w.drop()
	}
	return err
}

// copied yields the copy of an entry.
func (w *walker) copied(sh *Shard, e Entry) error {
	if e.Type() == String {
		return w.yield(module.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()})
	}
	w.b.hash(w.v, sh, e)
	return w.flush()
}

// drop forgets what the batches hold.
func (w *walker) drop() {
	_ = w.b.flush(w.v.st, nil)
	_ = w.large.flush(w.v.st, nil)
	w.large = batch{}
}

// abandon ends a view's part in a shard, walked or not.
func (v *View) abandon(i int) {
	sh, p := &v.st.shards[i], &v.parts[i]
	for done := false; !done; {
		sh.mu.Lock()
		done = p.done || p.sweep(sh)
		sh.mu.Unlock()
	}
	for _, ref := range p.copies {
		sh.freeEntryCopy(ref)
	}
	for _, k := range p.pinned {
		v.st.arena.Unpin(k.ref)
	}
	for _, t := range p.parted {
		t.freeCopies(sh)
		t.freeRoot(sh)
	}
	p.copies, p.pinned, p.parted = nil, nil, nil
}

// sweep clears the marks of some entries that will not be walked, and says
// whether all are.
func (p *part) sweep(sh *Shard) bool {
	t := p.table(sh)
	if k := p.walked; k != nil && !k.lost {
		root := k.root
		if !k.parted {
			root = sh.findIn(t, k.key)
		}
		if k.walkLeaves(p.v, root, sh, nil); !k.done {
			return false
		}
		delete(p.trees, string(k.key))
		k.freeCopies(sh)
		if k.parted {
			k.freeRoot(sh)
		}
	} else if k != nil {
		k.freeCopies(sh)
	}
	p.walked = nil
	if p.marked {
		seen := 0
		for slot := p.slot(t, p.cursor); slot >= 0; {
			p.cursor = slotFrag(t.slots[slot])
			if seen >= viewStep {
				return false
			}
			end := t.groupEnd(slot)
			if p.beginTree(sh, t, slot, end, false) {
				return false
			}
			for ; slot < end; slot++ {
				if e := sh.entry(t.slots[slot], slot); e.header&newerFlag != 0 {
					sh.mem.Store(e.off, e.header&^newerFlag)
				}
				seen++
			}
			slot = t.used(end)
		}
	}
	p.finish(sh)
	return true
}
