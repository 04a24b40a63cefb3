// Package expiry knows when keys and fields expire, and when it is worth while to look
// for those that have.
//
// Past is the rule. A Schedule says when the sweep goes through a shard again: a
// Forecast, made while it goes through, tells when a twelfth of the entries will have
// expired, and entries that get an expiry in the meantime make it come sooner if they are
// many. So expired entries neither pile up nor cost a pass over all entries for a few.
//
// Times are in ms since the Unix epoch.
//
// Concurrency: a lock of the caller's guards a Schedule. What its Keys are, anybody may
// ask at any time.
package expiry

import (
	"math"

	"github.com/redistill-go/redistill/core/sys"
)

// Past is Redis's rule for what expires at a time, of which 0 is never: it is still
// there in the millisecond in which it expires.
func Past(at, now int64) bool { return at != 0 && now > at }

const (
	// MinWait is how many ms lie between two sweeps of a shard, at least.
	MinWait = 100
	// MaxWait is how many ms an entry stays at most after it has expired.
	MaxWait = 5000
	// dueShare is the part of what may expire that makes a sweep worth while, one in so
	// many.
	dueShare = 12

	never = math.MaxInt64
)

// Schedule is when the sweep goes through one shard. Call Clear before anything else.
type Schedule struct {
	keys   sys.Count // entries with an expiry
	hashes sys.Count // hashes whose fields may expire
	first  int64     // nothing expires before this
	next   int64     // when the sweep comes
	added  int       // expiries set since it came
}

// Clear forgets everything that expires.
func (s *Schedule) Clear() {
	s.keys.Store(0)
	s.hashes.Store(0)
	s.first, s.next = never, never
}

// Keys is how many entries have an expiry. It takes no lock.
func (s *Schedule) Keys() int { return s.keys.Int() }

// Hashes is how many hashes have fields that may expire.
func (s *Schedule) Hashes() int { return s.hashes.Int() }

// First is a time before which nothing expires; math.MaxInt64: nothing ever does.
func (s *Schedule) First() int64 { return s.first }

// Next is when the sweep comes; math.MaxInt64: never.
func (s *Schedule) Next() int64 { return s.next }

// Add counts an entry that expires at a time; 0: it doesn't, and nothing is done.
func (s *Schedule) Add(at int64) {
	if at == 0 {
		return
	}
	s.keys.Add(1)
	s.Expect(at)
}

// Remove ends what Add did for an entry with this expiry.
func (s *Schedule) Remove(at int64) {
	if at == 0 {
		return
	}
	s.keys.Add(-1)
	s.rest()
}

// AddHash counts a hash whose fields may expire. Expect tells when they do.
func (s *Schedule) AddHash() { s.hashes.Add(1) }

// RemoveHash ends AddHash.
func (s *Schedule) RemoveHash() {
	s.hashes.Add(-1)
	s.rest()
}

// Expect tells of something that expires at a time.
func (s *Schedule) Expect(at int64) {
	s.first = min(s.first, at)
	s.added++
	wait := int64(MaxWait)
	if s.added*dueShare > s.all() {
		wait = MinWait // it is one of many that the last sweep didn't see
	}
	s.next = min(s.next, After(at, wait))
}

func (s *Schedule) all() int { return s.keys.Int() + s.hashes.Int() }

// rest sends the sweep away when nothing expires any more.
func (s *Schedule) rest() {
	if s.all() == 0 {
		s.first, s.next = never, never
	}
}

// After is at + wait, or the end of time.
func After(at, wait int64) int64 { return min(at, never-wait) + wait }

// Begin says whether a sweep is due, and begins it. While it goes on, the lock may be let
// go: what is told to the Schedule then counts for the next one.
func (s *Schedule) Begin(now int64) bool {
	if s.all() == 0 || now < s.next || now <= s.first {
		return false
	}
	s.first, s.next, s.added = never, never, 0
	return true
}

// End ends a sweep that began at the forecast's time.
func (s *Schedule) End(f *Forecast) {
	s.first = min(s.first, f.earliest)
	s.next = min(s.next, max(f.now+f.wait(s.all()), After(f.earliest, MinWait)))
}

// Forecast is what a sweep learns of what will expire.
type Forecast struct {
	now      int64
	earliest int64
	// soon counts what expires within each MinWait from now on.
	soon [MaxWait / MinWait]int
}

// NewForecast begins a forecast at a time.
func NewForecast(now int64) Forecast { return Forecast{now: now, earliest: never} }

// Add tells of something that expires at a time; 0 and math.MaxInt64: never.
func (f *Forecast) Add(at int64) {
	if at == 0 || at == never {
		return
	}
	f.earliest = min(f.earliest, at)
	if i := (at - f.now) / MinWait; i < int64(len(f.soon)) {
		f.soon[i]++
	}
}

// wait is how long it takes until enough of all that may expire has.
func (f *Forecast) wait(all int) int64 {
	due := 0
	for i, n := range f.soon {
		if due += n; due*dueShare > all {
			return int64(i+1) * MinWait
		}
	}
	return MaxWait
}
