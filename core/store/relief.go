package store

import (
	"time"

	"github.com/redistill-go/redistill/core/sys"
)

// How long one command may make room at most. The first is usual; the others
// are for when memory is used up faster than that frees it: where more is used
// than the limit or held than its bounds, and where either is an eighth over the
// limit. A command that adds more than manyBytes may take longer by what it takes
// to clear that much memory of small entries, but not longer than the last, unless
// it adds a great part of the limit: see needShare.
const (
	shortWait   = 500 * time.Microsecond
	longWait    = 1200 * time.Microsecond
	worstWait   = 100 * time.Millisecond
	manyBytes   = 64 << 10
	waitPerByte = 25 * time.Nanosecond
)

// waitFor is how long a command that adds need bytes may make room.
func (r *Room) waitFor(limit int64, need int) time.Duration {
	used, occupied := r.used(), r.occupied()
	wait := shortWait
	switch m := marksOf(limit); {
	case used > limit+limit/8 || occupied > limit+limit/8+m.most-m.help:
		return worstWait
	case used > limit || occupied > m.most:
		wait = longWait
	}
	more := time.Duration(max(need-manyBytes, 0)) * waitPerByte
	if int64(need) > limit/needShare {
		return wait + more // the write goes on only if there is room
	}
	return min(wait+more, worstWait)
}

// slackShare is the part of the limit that a writer evicts more than it has to,
// one in so many: several entries at once cost less than one by one.
const slackShare = 1 << 13

// Admit makes room for a write and says whether there is some. Most of the
// time it only looks: what is over the high mark is freed in the background, see
// Relieve. At the limit it evicts, and helps to compact where that lags behind,
// for a bounded time; then the write goes on, unless nothing can be evicted.
// No shard may be locked by the caller.
//
// need is about how many bytes the write may add, 0 or more: room for them is
// made before they are there. A write that adds more than the limit is refused,
// and nothing is evicted for it.
func (r *Room) Admit(now int64, need int) bool {
	limit := r.maxMemory.Load()
	if limit == 0 {
		return true
	}
	if int64(need) > limit {
		return false
	}
	m, used, occupied := marksOf(limit), r.used(), r.occupied()
	room := m.full - int64(need)
	if used <= min(m.high, room) && occupied <= m.compact {
		return true
	}
	r.press()
	if used <= room && occupied <= m.help {
		return true
	}
	if r.st.Evictor.exhausted.Load() == now {
		return used <= m.last-great(limit, need) && occupied <= m.most
	}
	begin := time.Now()
	ok := r.makeRoom(now, limit, room, need, begin)
	r.waits.Add(time.Since(begin))
	return ok
}

// needShare is the part of the limit from which on a write is a great part of it,
// one in so many. One that adds less goes on although the time was too short to
// make room: those after it make up for that. One that adds more is refused then.
const needShare = 32

// great is need, if it is a great part of the limit. Less counts as nothing where
// nothing can be evicted, so that one write is refused from where another one is.
func great(limit int64, need int) int64 {
	if n := int64(need); n > limit/needShare {
		return n
	}
	return 0
}

// toll is how many bytes a command that adds need bytes frees before it goes on
// where memory is full, whatever time that takes up to worstWait. Time alone would
// not bound what is used: where eviction is slow, since entries are small or the
// processor is others' for a while, every write would add more than it removed.
// The double is for what blocks are rounded up, see arena.Round, and the rest for
// the entry's header and its part in a larger index.
func toll(limit int64, need int) int64 {
	return 2 * (min(int64(need), limit/needShare) + entryToll)
}

const entryToll = 512

// makeRoom is Admit's slow path: used memory is to come down to room, if less
// than the limit, for a command that adds need bytes.
func (r *Room) makeRoom(now, limit, room int64, need int, begin time.Time) bool {
	m, wait, occupied := marksOf(limit), r.waitFor(limit, need), r.occupied()
	floor := r.used() - toll(limit, need)
	for r.evictionDue() && time.Since(begin) < wait/2 && r.st.compactor.help(now, occupied > m.most) {
	}
	target := min(room, r.target(limit, m.help)) - limit/slackShare
	enough, some := r.evictTo(now, target, begin.Add(wait*3/4))
	if enough {
		enough, _ = r.evictTo(now, max(target, floor), begin.Add(worstWait))
	}
	// One step at least, whatever the time: it moves more than most writes add.
	for late := false; r.occupied() > m.help && !late && r.st.compactor.help(now, occupied > m.most); {
		late = time.Since(begin) >= wait
	}
	if !some && !enough {
		r.st.Evictor.exhausted.Store(now)
	}
	// Compaction may hold a little more before it holds less.
	used, add := r.used(), great(limit, need)
	if used <= m.last-add && min(occupied, r.occupied()) <= m.most {
		return true
	}
	if add > 0 {
		return some && used <= limit-add+limit/needShare
	}
	return enough || some && used <= limit
}

// Fits says whether a value of n bytes could be stored if nothing else was.
func (r *Room) Fits(n int) bool {
	limit := r.maxMemory.Load()
	return limit == 0 || int64(n) <= limit
}

// Limited says whether memory has a limit, so that Admit may refuse.
func (r *Room) Limited() bool { return r.maxMemory.Load() != 0 }

// target is how much may be used so that what is held comes down to mark: less
// than the limit while compaction has not made up for what it holds in excess.
// The more is free in the huge pages, the less there is to move. It is a
// twenty-fifth less at most: compaction gains the rest by evicting where it
// empties huge pages, see triage.go.
func (r *Room) target(limit, mark int64) int64 {
	return limit - min(max(r.occupied()-mark, 0), limit/25)
}

// evictTo evicts until no more than target is used or the time has come. It is
// not enough if there is too little to evict; some: there was something.
func (r *Room) evictTo(now, target int64, until time.Time) (enough, some bool) {
	for r.used() > target {
		if !r.st.Evictor.some(now, target) {
			return false, some
		}
		some = true
		if time.Now().After(until) {
			break
		}
	}
	return true, some
}

// press tells whoever runs Relieve that something is due.
func (r *Room) press() {
	if len(r.pressed) == 0 {
		select {
		case r.pressed <- struct{}{}:
		default:
		}
	}
}

// Pressed has something to receive when Relieve should be called. It should be
// called some times a second in any case.
func (r *Room) Pressed() <-chan struct{} { return r.pressed }

// relieveStep bounds how long Relieve evicts before it looks at the rest.
const relieveStep = 500 * time.Microsecond

// What Relieve returns as the time until it should be called again: when nothing
// is due, and when something is that no write waits for.
const (
	relieveIdle = 100 * time.Millisecond
	relieveSlow = time.Millisecond
)

// trimStep is how much one call of Relieve returns to the system, in bytes: that
// takes a tenth of a millisecond and more for each huge page.
const trimStep = 2 * sys.HugePage

// Relieve does a part of what is due to keep memory within its limit, and to
// return what is not needed: it evicts, returns free huge pages, and compacts.
// Call it from one background goroutine, again after wait (0: at once, but
// others may have their turn) or when Pressed has something. An error is the
// system's, on returning memory. now is in ms since the Unix epoch.
func (r *Room) Relieve(now int64) (wait time.Duration, err error) {
	limit := r.maxMemory.Load()
	wait = relieveIdle
	if limit > 0 {
		m := marksOf(limit)
		for begin := time.Now(); r.evictionDue() && time.Since(begin) < relieveStep && r.st.compactor.run(now); {
		}
		target := min(m.low, r.target(limit, m.help))
		if used := r.used(); used > m.high || used > target && r.occupied() > m.help {
			if enough, some := r.evictTo(now, target, time.Now().Add(relieveStep)); !enough && !some {
				r.st.Evictor.exhausted.Store(now)
			} else if r.used() > target {
				wait = 0
			}
		}
	}
	more, err := r.trim(0)
	if err != nil {
		return wait, err
	}
	if more {
		wait = min(wait, relieveSlow)
	}
	if r.compactionDue(limit) && (r.st.compactor.run(now) || r.st.compactor.active()) {
		if wait = min(wait, relieveSlow); limit > 0 && r.occupied() > marksOf(limit).compact {
			wait = 0
		}
	}
	return wait, nil
}

// What may lie idle where no limit asks for it: getting memory anew costs a page
// fault for each huge page, and compaction costs time.
const (
	idleShare = 16      // of what is used, and
	idleFloor = 8 << 20 // which is what Populate keeps ready
	freeShare = 4       // this part of what is held may be free blocks, and
	freeFloor = 2 << 20
)

// excess is how much of the free huge pages is to be returned.
func (r *Room) excess(limit int64) int64 {
	spare := r.st.arena.Spare()
	excess := spare - r.st.arena.Used()/idleShare - idleFloor
	if limit > 0 {
		excess = max(excess, r.occupied()+spare-marksOf(limit).most)
	}
	return min(excess, spare)
}

// trim returns up to trimStep of the free huge pages to the system where more than
// spared bytes of them are to be returned, and says whether there is more. The error
// is the system's.
func (r *Room) trim(spared int64) (more bool, err error) {
	excess := r.excess(r.maxMemory.Load())
	if excess <= spared {
		return false, nil
	}
	_, err = r.st.arena.Trim(max(r.st.arena.Spare()-min(excess, trimStep), 0))
	return excess > trimStep, err
}

// trimNow is trim for whoever gives back much at once, so that it is returned as
// fast. Should the system refuse, whoever calls Relieve hears of it.
func (r *Room) trimNow() { _, _ = r.trim(trimStep) }

// compactionDue says whether compaction is due.
func (r *Room) compactionDue(limit int64) bool {
	if r.st.compactor.active() {
		return true
	}
	held := r.held()
	free := held - r.st.arena.Allocated() + r.lent.Load()
	return free > held/freeShare+freeFloor || limit > 0 && r.occupied() > marksOf(limit).compact && free > sys.HugePage
}
