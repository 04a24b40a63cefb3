package store

import (
	"math"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
)

// The sweep removes expired entries that nobody asks for, from those shards whose
// expiry.Schedule says that it is worth while.
const (
	sweepStep = 128 // entries looked at under one lock
	// sweepWork is how long the sweep works before it rests, restRatio times as
	// long: clients that run on the same processors go first.
	sweepWork = 100 * time.Microsecond
)

// pass is a sweep of one shard.
type pass struct {
	sh       *Shard
	now      int64
	removed  int
	forecast expiry.Forecast
}

// Sweeper is the sweep of all shards. Its methods are the store's.
type Sweeper struct {
	st *Store

	mu   sync.Mutex    // one sweep at a time
	next int           // the shard that it goes on with
	hold time.Duration // the longest time the last one locked a shard
}

// pace is how a sweep divides its time.
type pace struct {
	begun         time.Time // the work since the last rest
	done, longest time.Duration
}

// step is between two steps, which it counts and which rest now and then.
func (p *pace) step(begun time.Time) {
	now := time.Now()
	p.longest = max(p.longest, now.Sub(begun))
	if d := now.Sub(p.begun); d >= sweepWork {
		time.Sleep(min(restRatio*d, restMost))
		p.done += d
		p.begun = time.Now()
	}
}

// worked is how long the sweep did not rest.
func (p *pace) worked() time.Duration { return p.done + time.Since(p.begun) }

// Sweep removes expired entries and returns how many. It works for budget at
// most, unless one shard takes longer, and rests four times as long. Call it
// from one background goroutine about ten times a second.
func (w *Sweeper) Sweep(now int64, budget time.Duration) (removed int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := pace{begun: time.Now()}
	for range w.st.shards {
		sh := &w.st.shards[w.next]
		w.next = (w.next + 1) % len(w.st.shards)
		n, looked := sh.sweep(now, &p)
		removed += n
		if looked && p.worked() > budget {
			break
		}
	}
	w.hold = p.longest
	return removed
}

// SweepHold is the longest time that the last Sweep kept a shard locked.
func (w *Sweeper) SweepHold() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hold
}

// sweep looks at every entry of the shard if it is due.
func (sh *Shard) sweep(now int64, p *pace) (removed int, looked bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.expiry.Begin(now) {
		return 0, false
	}
	l := pass{sh: sh, now: now, forecast: expiry.NewForecast(now)}
	for frag, more := uint64(0), true; more; {
		begun := time.Now()
		frag, more = l.step(frag)
		sh.mu.Unlock()
		p.step(begun)
		sh.mu.Lock()
	}
	sh.expiry.End(&l.forecast)
	return l.removed, true
}

// step looks at about sweepStep entries from frag on.
func (l *pass) step(frag uint64) (next uint64, more bool) {
	sh := l.sh
	seen, last := 0, uint64(math.MaxUint64)
	t := sh.tab.Load()
	for i := t.Next(frag); i >= 0; {
		w := t.Slots[i]
		if f := index.Frag(w); f != last {
			if seen >= sweepStep {
				return f, true
			}
			last = f
		}
		seen++
		switch e := sh.entry(w, i); {
		case e.expired(l.now):
			sh.expire(e)
		default:
			left, gone, more := l.parts(e)
			if more {
				return index.Frag(w), true
			}
			if !gone {
				l.forecast.Add(left.ExpireAt())
				i = t.Used(i + 1)
				continue
			}
		}
		l.removed++
		// The entries after it moved up, or the whole index shrank.
		if now := sh.tab.Load(); now != t {
			t = now
			i = t.Next(last)
		} else {
			i = t.Used(i)
		}
	}
	return 0, false
}

// parts removes expired parts of a value. It returns what the entry is afterwards,
// whether it went with them, and whether it takes another step.
func (l *pass) parts(e Entry) (left Entry, gone, more bool) {
	if !e.timed() {
		return e, false, false
	}
	if l.now > e.earliest() {
		if e, gone, more = l.sh.expireParts(e, l.now); gone || more {
			return e, gone, more
		}
	}
	l.forecast.Add(e.earliest())
	return e, false, false
}
