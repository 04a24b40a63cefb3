package store

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
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
	large   batch      // the fields of a large hash, over many steps
	shard   int        // the one that the walker is in; -1: none
	taken   *keptLarge // the large hash that the last step came to the end of
	yield   func(snapshot.Record) error
	yielded int64     // since the view was last told
	begun   time.Time // when it last rested
}

// Walk implements snapshot.View.
func (v *View) Walk(ctx context.Context, workers int, yield func(worker int, r snapshot.Record) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	v.walkers = make([]walker, max(1, min(workers, len(v.parts))))
	for n := range v.walkers {
		wg.Go(func() {
			w := &v.walkers[n]
			*w = walker{v: v, n: n, shard: -1}
			w.yield = func(r snapshot.Record) error {
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
		w.begun = time.Now()
		if more, err := w.turn(ctx); err != nil || !more {
			return err
		}
		w.v.walked.Add(w.yielded)
		w.yielded = 0
		if err := w.wait(ctx); err != nil {
			return err
		}
		if err := w.rest(ctx); err != nil {
			return err
		}
	}
}

// Rest implements snapshot.Paced.
func (v *View) Rest(ctx context.Context, worker int) error {
	if worker >= len(v.walkers) {
		return ctx.Err()
	}
	w := &v.walkers[worker]
	err := w.rest(ctx)
	w.begun = time.Now()
	return err
}

const (
	// restTime is how long a worker that is too many rests before it asks again,
	restTime = 2 * time.Millisecond
	// restRatio is how much longer than its step one rests that is not,
	restRatio = 4
	// restMost at most.
	restMost = 5 * time.Millisecond
)

// wait keeps a worker that is too many, between two shards, until it may go on
// or until there is nothing more to do.
func (w *walker) wait(ctx context.Context) error {
	v := w.v
	if v.share == nil {
		return nil
	}
	for w.n > 0 && w.shard < 0 && v.next.Load() < int64(len(v.parts)) {
		if workers, _ := v.share(); w.n < workers {
			return nil
		}
		if err := pause(ctx, restTime); err != nil {
			return err
		}
	}
	return nil
}

// rest lets clients go first after some work.
func (w *walker) rest(ctx context.Context) error {
	if w.v.share != nil {
		if _, rest := w.v.share(); rest {
			return pause(ctx, min(restRatio*time.Since(w.begun), restMost))
		}
	}
	runtime.Gosched()
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
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
		w.takeLarge(&v.st.shards[w.shard], w.taken)
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
	if p.walked != nil && !w.stepLarge(sh, p, t) {
		return false
	}
	seen := 0
	for slot := p.slot(t, p.cursor); slot >= 0; {
		frag := index.Frag(t.Slots[slot])
		if p.only != nil && !p.only.has(frag) {
			slot = p.slot(t, frag)
			continue
		}
		p.cursor = frag
		if seen >= viewStep || len(w.b.bytes) >= viewBytes {
			return false
		}
		end := t.GroupEnd(slot)
		if p.beginLarge(sh, t, slot, end, true) {
			return false
		}
		for ; slot < end; slot++ {
			w.entry(sh, p, sh.entry(t.Slots[slot], slot))
			seen++
		}
		slot = t.Used(end)
	}
	p.finish(sh)
	return true
}

// table is what the view walks of the shard.
func (p *part) table(sh *Shard) *index.Table {
	if p.tab != nil {
		return p.tab
	}
	return sh.tab.Load()
}

// slot is the first one from a fragment on that may be of interest, or -1.
func (p *part) slot(t *index.Table, frag uint64) int {
	if frag >= wholeShard {
		return -1
	}
	if p.only != nil {
		var ok bool
		if frag, ok = p.only.next(frag); !ok {
			return -1
		}
	}
	return t.Next(frag)
}

// entry takes an entry that is no large hash into the batch, unless it is newer
// than the moment.
func (w *walker) entry(sh *Shard, p *part, e Entry) {
	switch {
	case e.header&newerFlag != 0:
		sh.mem.Store(e.off, e.header&^newerFlag)
	case w.v.full && e.expired(w.v.now), e.Large():
	case e.Type() == String && e.size() > arena.MaxSmall && sh.st.arena.Pin(e.ref()):
		w.b.add(snapshot.Record{Key: e.Key(), Value: e.Value(), ExpireAt: e.ExpireAt()})
		w.b.pins = append(w.b.pins, e.ref())
	default:
		w.b.value(w.v, sh, e)
	}
}

// finish ends the walk of a shard.
func (p *part) finish(sh *Shard) {
	p.cursor, p.done = wholeShard, true
	if p.tab != nil {
		sh.freeTable(p.tab)
		p.tab = nil
	}
	sh.part, sh.hashes.Viewed = nil, false
	sh.hooks.Add(-hookView)
}
