package store

import (
	"math"
	"time"

	"github.com/redistill-go/redistill/core/store/index"
)

// The sweep removes expired entries that nobody asks for. A shard knows the
// earliest time at which one of its entries can have expired and is left alone
// until then. A look at its entries forecasts when a twelfth of them will have
// expired, which is when the next look is due; entries that get an expiry in
// the meantime call it forward if they are many. So expired entries neither
// pile up nor cost a pass over all entries for a few.
const (
	minSweepWait = 100  // ms between two looks at a shard
	maxSweepWait = 5000 // ms that an entry stays at most after it expired
	sweepStep    = 128  // entries looked at under one lock
	// sweepWork is how long the sweep works before it rests, restRatio times as
	// long: clients that run on the same processors go first.
	sweepWork = 100 * time.Microsecond
)

// look is what one pass over a shard's entries learns.
type look struct {
	now      int64
	removed  int
	earliest int64 // expiry of those that stay
	// soon counts the entries that expire within each minSweepWait from now on.
	soon [maxSweepWait / minSweepWait]int
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
func (st *Store) Sweep(now int64, budget time.Duration) (removed int) {
	st.sweepMu.Lock()
	defer st.sweepMu.Unlock()
	p := pace{begun: time.Now()}
	for range st.shards {
		sh := &st.shards[st.sweepCursor]
		st.sweepCursor = (st.sweepCursor + 1) % len(st.shards)
		n, looked := sh.sweep(now, &p)
		removed += n
		if looked && p.worked() > budget {
			break
		}
	}
	st.sweepHold = p.longest
	return removed
}

// SweepHold is the longest time that the last Sweep kept a shard locked.
func (st *Store) SweepHold() time.Duration {
	st.sweepMu.Lock()
	defer st.sweepMu.Unlock()
	return st.sweepHold
}

// sweep looks at every entry of the shard if it is due.
func (sh *Shard) sweep(now int64, p *pace) (removed int, looked bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.expiring.Int()+sh.fieldExpiring.Int() == 0 || now < sh.sweepAt || now <= sh.minExpire {
		return 0, false
	}
	l := look{now: now, earliest: math.MaxInt64}
	// While the lock is let go, writes lower these for what they add.
	sh.minExpire, sh.sweepAt, sh.noted = math.MaxInt64, math.MaxInt64, 0
	for frag, more := uint64(0), true; more; {
		begun := time.Now()
		frag, more = sh.sweepSome(frag, &l)
		sh.mu.Unlock()
		p.step(begun)
		sh.mu.Lock()
	}
	sh.minExpire = min(sh.minExpire, l.earliest)
	sh.sweepAt = min(sh.sweepAt, max(now+l.wait(sh.expiring.Int()+sh.fieldExpiring.Int()), after(l.earliest, minSweepWait)))
	return l.removed, true
}

// wait is how long it takes until a twelfth of the entries will have expired.
func (l *look) wait(expiring int) int64 {
	due := 0
	for i, n := range l.soon {
		if due += n; due*12 > expiring {
			return int64(i+1) * minSweepWait
		}
	}
	return maxSweepWait
}

// patience is how long an entry may stay after it expired: not long if it is
// one of many that the last look didn't see.
func (sh *Shard) patience() int64 {
	if sh.noted*12 > sh.expiring.Int()+sh.fieldExpiring.Int() {
		return minSweepWait
	}
	return maxSweepWait
}

// after is at + wait, or the end of time.
func after(at, wait int64) int64 { return min(at, math.MaxInt64-wait) + wait }

// sweepSome looks at about sweepStep entries from frag on.
func (sh *Shard) sweepSome(frag uint64, l *look) (next uint64, more bool) {
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
			left, gone, more := sh.sweepFields(e, l)
			if more {
				return index.Frag(w), true
			}
			if !gone {
				l.note(left.ExpireAt())
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

// sweepFields removes expired fields of a hash. It returns what the hash is
// afterwards, whether it went with its fields, and whether it takes another
// step.
func (sh *Shard) sweepFields(e Entry, l *look) (left Entry, gone, more bool) {
	if e.header&fieldsFlag == 0 {
		return e, false, false
	}
	if l.now > e.earliest() {
		f := sh.FieldsOf(e, l.now)
		more = f.expire()
		f.Done()
		if !f.exists {
			return e, true, false
		}
		if e = f.e; more {
			return e, false, true
		}
	}
	l.note(e.earliest())
	return e, false, false
}

func (l *look) note(at int64) {
	if at == 0 || at == math.MaxInt64 {
		return
	}
	l.earliest = min(l.earliest, at)
	if i := (at - l.now) / minSweepWait; i < int64(len(l.soon)) {
		l.soon[i]++
	}
}
