package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// View is the state of the store at one moment, or what had changed by then
// since an earlier one, without a copy of it. At the moment all shards are
// locked and marked, nothing else. From then on two sides take care of it:
//
//   - The walk goes through the shards, and in each through the entries in the
//     order of the index, a few under each lock. The cursor of a shard is the
//     first fragment that it has not been at.
//   - Whoever is about to change or remove an entry that the walk has not been
//     at copies it first (viewkeep.go), and marks what he writes as newer than
//     the moment, which the walk passes over. The mark is a bit in the entry's
//     header; the walk clears it as it goes by, so that none is left behind
//     the cursor or in a shard that is done.
//
// So a write costs a copy of the entry that it replaces, once, and only until
// the walk has been at the shard. Copies are yielded before the walk goes on,
// and freed, so that few are held at a time. A large hash is copied leaf by
// leaf, with the same two rules inside of it (viewlarge.go).
//
// FLUSHALL leaves the tables of shards that are not done to the view, which
// frees them. A shard without a view pays one predictable branch for each
// change.
type View struct {
	st    *Store
	taken time.Time
	now   int64 // taken in ms since the Unix epoch
	full  bool
	len   int
	parts []part // by shard

	next atomic.Int64 // the shard that is walked next
	// off says that copies are no longer needed: the view failed or is closed.
	off    atomic.Bool
	failed atomic.Pointer[error]
	copied atomic.Int64 // bytes copied for it so far
	walked atomic.Int64 // records yielded so far

	// share is how many workers may walk now, and whether they rest between
	// steps; nil: all, without.
	share   func() (workers int, rest bool)
	walkers []walker

	mu      sync.Mutex
	backlog []int // shards with copies to be yielded
}

var (
	_ snapshot.Source = (*Store)(nil)
	_ snapshot.Paced  = (*View)(nil)
)

// ErrViewOpen says that there is a view already.
var ErrViewOpen = errors.New("another snapshot is being taken")

// View implements snapshot.Source.
func (s *Snapshots) View() (snapshot.View, error) { return s.view(true, time.Now) }

// Changes implements snapshot.Source. Without TrackChanges before, it has
// everything and tracks what follows.
func (s *Snapshots) Changes() (snapshot.View, error) {
	if !s.tracking.Load() {
		s.TrackChanges()
	}
	return s.view(false, time.Now)
}

func (s *Snapshots) view(everything bool, clock func() time.Time) (snapshot.View, error) {
	if s.viewing.Swap(true) {
		return nil, ErrViewOpen
	}
	v := &View{st: s.st, full: true, parts: make([]part, len(s.st.shards))}
	for i := range v.parts {
		v.parts[i].v, v.parts[i].sh = v, &s.st.shards[i]
		if !everything {
			v.parts[i].fresh = &changes{written: newStretches(s.st.shards[i].Count())}
		}
	}
	s.st.lockAllIdle()
	defer s.st.unlockAll()
	v.taken = clock()
	v.now = v.taken.UnixMilli()
	if !everything {
		v.full = s.needsFull.Swap(false)
		s.gone.Store(0)
	}
	for i := range s.st.shards {
		sh, p := &s.st.shards[i], &v.parts[i]
		if everything {
			v.len += sh.tab.Len()
		} else {
			p.since, sh.since, p.fresh = sh.since, p.fresh, nil
			if v.full {
				v.len += sh.tab.Len()
			} else {
				p.only = p.since.written
				v.len += min(p.since.entries(), sh.tab.Len())
			}
		}
		if !v.full && !p.since.any {
			p.done = true
			continue
		}
		sh.part, sh.hashes.Viewed = p, true
		sh.hooks.Add(hookView)
	}
	return v, nil
}

// Taken implements snapshot.View.
func (v *View) Taken() time.Time { return v.taken }

// Full implements snapshot.View.
func (v *View) Full() bool { return v.full }

// Len implements snapshot.View.
func (v *View) Len() int { return v.len }

// Copied is how many bytes were copied so far because clients changed them.
func (v *View) Copied() int64 { return v.copied.Load() }

// Walked is how many records Walk has yielded so far.
func (v *View) Walked() int64 { return v.walked.Load() }

// Share makes Walk ask again and again how many of its workers may go on, of
// which there is always one, and whether they rest after each step, for a few
// times as long as it took, so that clients soon find a free core. It is called
// before Walk; share may be called from several goroutines at once.
func (v *View) Share(share func() (workers int, rest bool)) { v.share = share }

// Deleted implements snapshot.View.
func (v *View) Deleted(yield func(key []byte) error) error {
	if v.full {
		return nil
	}
	for i := range v.parts {
		if err := v.parts[i].since.each(yield); err != nil {
			return err
		}
	}
	return nil
}

// Close implements snapshot.View.
func (v *View) Close(kept bool) {
	v.off.Store(true)
	for i := range v.parts {
		v.abandon(i)
	}
	if !kept && v.parts[0].since != nil {
		v.giveBack()
	}
	v.st.viewing.Store(false)
}

// giveBack adds what the view had of changes to those since.
func (v *View) giveBack() {
	if v.full {
		v.st.needsFull.Store(true)
		return
	}
	for i := range v.parts {
		sh := &v.st.shards[i]
		sh.mu.Lock()
		v.st.gone.Add(int64(len(v.parts[i].since.gone)))
		sh.since.merge(v.parts[i].since)
		sh.mu.Unlock()
	}
}

// fail ends the view for want of something. The walk returns err.
func (v *View) fail(err error) {
	v.failed.CompareAndSwap(nil, &err)
	v.off.Store(true)
}

// stopped is why the walk is to end.
func (v *View) stopped(ctx context.Context) error {
	if err := v.failed.Load(); err != nil {
		return *err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
