package store

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/sys"
)

// Compaction empties huge pages of which little is used, so that they can be
// used for blocks of other sizes or given back. A cycle chooses some (see
// arena.StartDrain), walks the indexes of all shards, whose words tell where an
// entry is, and moves what it finds in them. It goes on in steps that hold one
// shard's lock for about a tenth of a millisecond at most; whoever needs memory
// may do one.
//
// What a shard has outside its entries, the parts of its hashes, is looked for
// only in shards that have some.

// What one step may do under one lock. Whichever is used up first ends it.
const (
	stepWords = 4096      // words of an index, or leaves of a hash
	stepMoves = 96        // blocks
	stepBytes = 128 << 10 // of blocks that are moved; one may go beyond it
)

// compactor is where a cycle is.
type compactor struct {
	mu    sync.Mutex // one step at a time; taken before shards' locks
	drain *arena.Drain
	shard int
	at    place
	// before is the looseness when the cycle began.
	before int64
	// fruitless is when there was last nothing to gain, in ms.
	fruitless int64
	triage    triage

	holds                 waitCounter
	moved, evicted, freed atomic.Int64 // as in Compaction
}

// Compaction is what compaction did since the start.
type Compaction struct {
	Moved   int64 // bytes of blocks
	Evicted int64 // entries that were evicted instead of being moved
	Freed   int64 // bytes of huge pages that were emptied
}

// Compaction reports what compaction did since the start.
func (st *Store) Compaction() Compaction {
	c := &st.compactor
	return Compaction{Moved: c.moved.Load(), Evicted: c.evicted.Load(), Freed: c.freed.Load()}
}

// place is where in a shard a cycle goes on.
type place struct {
	begun bool
	frag  uint64
	skip  int    // entries of that fragment are done,
	field uint64 // and of the hash after them the fields before this field hash
}

// allowance is what is left of a step.
type allowance struct {
	words, moves, bytes int
}

func (a *allowance) spent() bool { return a.words <= 0 || a.moves <= 0 || a.bytes <= 0 }

// active says whether a cycle is under way.
func (c *compactor) active() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drain != nil
}

// compact does one step and says whether there is more to do. now is in ms.
func (st *Store) compact(now int64) (more bool) {
	c := &st.compactor
	c.mu.Lock()
	defer c.mu.Unlock()
	return st.compactLocked(now)
}

// tryCompact is compact for a writer, which doesn't wait for another step. The
// beginning of a cycle in a large store is left to the background.
func (st *Store) tryCompact(now int64) (more bool) {
	c := &st.compactor
	if !c.mu.TryLock() {
		return false
	}
	defer c.mu.Unlock()
	return (c.drain != nil || st.arena.Chunks() <= smallStore) && st.compactLocked(now)
}

// smallStore is how many huge pages are looked at in a few tenths of a
// millisecond.
const smallStore = 512

func (st *Store) compactLocked(now int64) (more bool) {
	c := &st.compactor
	if c.drain == nil {
		if now <= c.fruitless+min(int64(st.arena.Chunks()/surveyRate), maxSurveyWait) {
			return false
		}
		share := max(st.arena.Resident(), st.maxMemory.Load()) / drainShare / sys.HugePage
		c.drain = st.arena.StartDrain(int(min(max(share, 1), maxDrain)), c.triage.begin(st, now))
		if c.drain == nil {
			c.fruitless = now
			return false
		}
		c.shard, c.at, c.before = 0, place{}, st.looseness()
	}
	left := allowance{stepWords, stepMoves, stepBytes}
	c.triage.look(st)
	for c.shard < len(st.shards) {
		if done := st.shards[c.shard].compact(c, now, &left); done {
			c.shard++
			c.at = place{}
		}
		if left.spent() {
			return true
		}
	}
	n := st.arena.EndDrain(c.drain)
	c.freed.Add(int64(n) * sys.HugePage)
	c.triage.end()
	c.drain = nil
	if st.looseness() > c.before-minGain {
		c.fruitless = now
		return false
	}
	return true
}

// surveyRate is for how many huge pages, of those that a choice looks at, the
// next choice waits a millisecond after a cycle that gained nothing.
const (
	surveyRate    = 64
	maxSurveyWait = 20 // ms
)

const (
	drainShare = 32 // of the memory is emptied in one cycle,
	maxDrain   = 64 // and no more huge pages than these
)

// compact moves what is to move in the shard, as far as the allowance goes.
func (sh *Shard) compact(c *compactor, now int64, left *allowance) (done bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.movable() {
		return true
	}
	begin := time.Now()
	m := mover{sh: sh, drain: c.drain, left: left, triage: &c.triage, now: now}
	done = m.walk(&c.at)
	c.moved.Add(m.bytes)
	c.evicted.Add(m.evicted)
	c.triage.moved += m.bytes
	c.holds.add(time.Since(begin))
	return done
}

// looseness falls when compaction gains something: huge pages that are free, or
// pages in others that are in one run now.
func (st *Store) looseness() int64 { return st.held() + st.arena.Used() }

// minGain is by how many bytes a cycle must have lowered it to have been of use.
const minGain = 64 << 10

// movable says whether the shard's blocks may be moved now: not while a view may
// point at them.
func (sh *Shard) movable() bool { return !sh.viewed() }

// mover moves blocks of one shard, which is locked.
type mover struct {
	sh     *Shard
	drain  *arena.Drain
	left   *allowance
	triage *triage
	now    int64 // in ms
	// What was moved, in bytes, and how many entries were evicted.
	bytes, evicted int64
}

// walk goes on from a place in the shard and says whether it came to its end.
// It may go over a few entries twice.
func (m *mover) walk(at *place) (done bool) {
	sh := m.sh
	if !at.begun {
		at.begun = true
		m.table()
	}
	t := sh.tab.Load()
	inside := sh.outside.Load() == 0
	last, nth := uint64(math.MaxUint64), 0
	for i := t.next(at.frag); i >= 0; {
		w := t.slots[i]
		f := slotFrag(w)
		if f != last {
			if m.left.spent() {
				*at = place{begun: true, frag: f}
				return false
			}
			last, nth = f, 0
		}
		if nth++; f == at.frag && nth <= at.skip {
			i = t.used(i + 1)
			continue
		}
		m.left.words--
		drained := m.drain.Has(slotRef(w))
		if inside && !drained {
			i = t.used(i + 1)
			continue
		}
		e := sh.entry(w, i)
		if (drained || m.reaches(e)) && m.evict(e) {
			// The entries after it moved up, or the whole index shrank.
			if now := sh.tab.Load(); now != t {
				t, nth = now, 0
				i = t.next(f)
			} else {
				nth--
				i = t.used(i)
			}
			continue
		}
		if drained {
			e = m.entry(e)
		}
		if e.Type() == Hash {
			from := at.field
			if f != at.frag {
				from = 0
			}
			if from = m.hash(e, from); from != 0 {
				*at = place{begun: true, frag: f, skip: nth - 1, field: from}
				return false
			}
		}
		i = t.used(i + 1)
	}
	return true
}
