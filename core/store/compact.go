package store

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
	"github.com/redistill-go/redistill/core/store/waits"
	"github.com/redistill-go/redistill/core/sys"
)

// Compaction empties huge pages of which little is used, so that they can be
// used for blocks of other sizes or given back. A cycle chooses some (see
// arena.StartDrain), walks the indexes of all shards, whose words tell where an
// entry is, and moves what it finds in them. It goes on in steps that hold one
// shard's lock for about a tenth of a millisecond at most. The background does
// them, and whoever needs memory, each in a shard of its own.
//
// What a shard has outside its entries, the parts of its hashes, is looked for
// only in shards that have some.

// What one step may do. Whichever is used up first ends it.
const (
	stepWords = 1 << 14   // of an index; each entry, leaf or value that has to be fetched counts as wordsPerLook
	stepMoves = 96        // blocks
	stepBytes = 128 << 10 // of blocks that are moved; one may go beyond it
	// wordsPerLook is how many words of an index cost as much as a miss of the
	// processor's caches.
	wordsPerLook = 4
)

// compactor is where a cycle is.
type compactor struct {
	st *Store

	mu    sync.Mutex   // guards a cycle's state; taken before shards' locks
	drain *arena.Drain // nil: no cycle is under way
	// next is the first shard that nobody began with, begun those that somebody
	// has begun with and left for later, and working how many are worked at now.
	next    int
	begun   []task
	working int
	// before is what spread was when the cycle began.
	before int64
	// mean is of the ranks of some entries that were drawn from the whole store
	// when the cycle began; what ranks lower is moved and not evicted.
	mean float64
	// What was moved and evicted in this cycle, in bytes.
	cycleMoved, cycleEvicted int64
	// movedShare is how much of what was in the huge pages had to be moved in the last
	// cycle that evicted, in per cent.
	movedShare int
	// fruitless is when there was last nothing to gain, in ms.
	fruitless int64

	holds                 waits.Counter
	moved, evicted, freed atomic.Int64 // as in Compaction
}

// Compaction is what compaction did since the start.
type Compaction struct {
	Moved   int64 // bytes of blocks
	Evicted int64 // entries that were evicted instead of being moved
	Freed   int64 // bytes of huge pages that were emptied
}

// Compaction reports what compaction did since the start.
func (r *Room) Compaction() Compaction {
	c := &r.st.compactor
	return Compaction{Moved: c.moved.Load(), Evicted: c.evicted.Load(), Freed: c.freed.Load()}
}

// task is a shard and where in it a cycle goes on.
type task struct {
	shard int
	at    place
}

// place is where in a shard a cycle goes on.
type place struct {
	begun bool
	entry index.Place
	field uint64 // of the hash there the fields before this field hash are done
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

// run does one step and says whether there was something to do. now is in ms.
func (c *compactor) run(now int64) (did bool) {
	c.mu.Lock()
	ok := c.drain != nil || c.beginCycle(now)
	c.mu.Unlock()
	return ok && c.step(now)
}

// help is run for a writer, which waits for nobody. While somebody else
// is at it there is nothing to do, unless all are wanted. The beginning of a
// cycle in a large store is left to the background.
func (c *compactor) help(now int64, all bool) (did bool) {
	if !c.mu.TryLock() {
		return false
	}
	ok := c.drain != nil && (all || c.working == 0) ||
		c.drain == nil && c.st.arena.Chunks() <= smallStore && c.beginCycle(now)
	c.mu.Unlock()
	return ok && c.step(now)
}

// smallStore is how many huge pages are looked at in a few tenths of a
// millisecond.
const smallStore = 512

// beginCycle chooses what is to be emptied, if that would gain anything.
func (c *compactor) beginCycle(now int64) bool {
	if now <= c.fruitless+min(int64(c.st.arena.Chunks()/surveyRate), maxSurveyWait) {
		return false
	}
	share := max(c.st.arena.Resident(), c.st.maxMemory.Load()) / drainShare / sys.HugePage
	c.drain = c.st.arena.StartDrain(int(min(max(share, 1), maxDrain)), c.expectedShare())
	if c.drain == nil {
		c.fruitless = now
		return false
	}
	c.next, c.begun, c.before = 0, c.begun[:0], c.spread()
	c.cycleMoved, c.cycleEvicted = 0, 0
	c.mean = c.st.Evictor.meanRank(now) // eviction may become due later in the cycle
	return true
}

// step works at as many shards as one step allows and says whether there
// was one.
func (c *compactor) step(now int64) (did bool) {
	left := allowance{stepWords, stepMoves, stepBytes}
	for !left.spent() {
		m := mover{left: left, triage: c.st.triageNow(), now: now}
		t, ok := c.claim(&m)
		if !ok {
			break
		}
		did = true
		done := m.shard(&c.st.shards[t.shard], &t.at)
		c.finish(t, done, &m)
		left = m.left
	}
	return did
}

// claim takes a shard that is still to be worked at. It fails rather than wait
// for who begins a cycle.
func (c *compactor) claim(m *mover) (t task, ok bool) {
	if !c.mu.TryLock() {
		return task{}, false
	}
	defer c.mu.Unlock()
	switch n := len(c.begun); {
	case c.drain == nil:
		return task{}, false
	case n > 0:
		t, c.begun = c.begun[n-1], c.begun[:n-1]
	case c.next < len(c.st.shards):
		t = task{shard: c.next}
		c.next++
	default:
		return task{}, false
	}
	c.working++
	m.drain, m.triage.mean = c.drain, c.mean
	return t, true
}

// finish gives a claimed shard back. The last one that is done ends the cycle.
func (c *compactor) finish(t task, done bool, m *mover) {
	c.moved.Add(m.moved)
	c.evicted.Add(m.evicted)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cycleMoved += m.moved
	c.cycleEvicted += m.evictedBytes
	c.working--
	if !done {
		c.begun = append(c.begun, t)
	}
	if c.working == 0 && len(c.begun) == 0 && c.next == len(c.st.shards) {
		c.endCycle(m.now)
	}
}

func (c *compactor) endCycle(now int64) {
	c.freed.Add(int64(c.st.arena.EndDrain(c.drain)) * sys.HugePage)
	c.drain = nil
	if c.cycleEvicted > 0 {
		c.movedShare = int(allMoved * c.cycleMoved / (c.cycleMoved + c.cycleEvicted))
	}
	if gain := c.before - c.spread(); gain < max(minGain, c.cycleMoved/dearGain) {
		c.fruitless = now
	}
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

// shard moves what is to move in a shard, as far as the allowance goes, and
// says whether that was all.
func (m *mover) shard(sh *Shard, at *place) (done bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.viewed() { // the view may point at its blocks
		return true
	}
	begin := time.Now()
	m.sh = sh
	done = m.walk(at)
	sh.st.compactor.holds.Add(time.Since(begin))
	return done
}

// spread falls when compaction gains something: huge pages that are free, or
// pages in others that are in one run now.
func (c *compactor) spread() int64 { return c.st.held() + c.st.arena.Used() }

// By how many bytes a cycle must have lowered it to have been of use, also for
// each byte that was moved: one in so many.
const (
	minGain  = 64 << 10
	dearGain = 8
)
