package store

import (
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/store/index"
)

// Scan visits entries in the order of their hashes from a cursor on, until at
// least count entries were looked at, and returns the next cursor, 0 at the
// end. Keys that are there throughout a whole scan are visited exactly once,
// however much the store grows or shrinks meanwhile. visit runs with the
// entry's shard locked and must not call the store.
func (w Whole) Scan(cursor uint64, count int, now int64, visit func(Entry)) uint64 {
	return w.scan(cursor, count, now, func(_ *Shard, e Entry) bool { visit(e); return true })
}

// ScanKeys is Scan that adds the keys to copies. It ends early when those have
// become many bytes, so that no shard is locked for long: seen is how many of
// count entries were looked at.
func (w Whole) ScanKeys(cursor uint64, count int, now int64, copies *Copies) (next uint64, seen int) {
	next = w.scan(cursor, count, now, func(sh *Shard, e Entry) bool {
		copies.AddKey(sh.st.arena, e.Key(), e.ref(), uint8(e.Type()))
		return !copies.Full()
	})
	if copies.Full() {
		return next, copies.Len()
	}
	return next, count
}

// scan is Scan, which ends as well when visit fails.
func (w Whole) scan(cursor uint64, count int, now int64, visit func(*Shard, Entry) bool) uint64 {
	st := w.st
	shard, frag := cursor>>index.FragBits, cursor&(1<<index.FragBits-1)
	for ; shard < uint64(len(st.shards)); shard, frag = shard+1, 0 {
		sh := &st.shards[shard]
		if sh.tab.Len() == 0 {
			continue
		}
		w.lock(sh)
		left, next := sh.scan(frag, count, now, visit)
		w.unlock(sh)
		if next != 0 {
			return shard<<index.FragBits | next
		}
		if count = left; count <= 0 {
			if shard+1 == uint64(len(st.shards)) {
				return 0
			}
			return (shard + 1) << index.FragBits
		}
	}
	return 0
}

// scan visits entries from frag on until it has looked at count of them or
// visit fails. It returns how many are left to be looked at, 0 if visit has
// failed, and the fragment to go on with, 0 at the end. Entries that share a
// fragment are visited together: the cursor can't point between them.
func (sh *Shard) scan(frag uint64, count int, now int64, visit func(*Shard, Entry) bool) (left int, next uint64) {
	t := sh.tab.Load()
	last := uint64(0)
	for i := t.Next(frag); i >= 0; i = t.Used(i + 1) {
		w := t.Slots[i]
		if count <= 0 && index.Frag(w) != last {
			return 0, index.Frag(w)
		}
		count, last = count-1, index.Frag(w)
		if e := sh.entry(w, i); !e.expired(now) && !visit(sh, e) {
			count = 0
		}
	}
	return max(count, 0), 0
}

// maxBusy is how often RandomKey draws another key, rather than wait for who
// holds the shard of the one that it drew.
const maxBusy = 64

// RandomKey appends a key to dst, each being equally likely, or says that
// there is none.
func (w Whole) RandomKey(dst []byte, now int64) ([]byte, bool) {
	// An expired entry may be drawn: it is removed and another one drawn.
	for busy := 0; ; {
		n := w.st.Totals().Keys
		if n == 0 {
			return dst, false
		}
		sh := w.st.holder(rand.IntN(n))
		if busy < maxBusy {
			if !w.tryLock(sh) {
				busy++
				continue
			}
		} else {
			w.lock(sh)
		}
		key, ok := sh.random(dst, now)
		w.unlock(sh)
		if ok {
			return key, true
		}
	}
}

// holder is the shard that has the r-th of all entries.
func (st *Store) holder(r int) *Shard {
	for i := range st.shards {
		c := st.shards[i].tab.Len()
		if r < c {
			return &st.shards[i]
		}
		r -= c
	}
	return &st.shards[len(st.shards)-1] // there were more a moment ago
}

// Count is the number of entries, expired ones that nobody met included. It
// takes no lock.
func (sh *Shard) Count() int { return sh.tab.Len() }

// maxExpired is how many expired entries random removes under one lock.
const maxExpired = 64

// random appends the key of an entry that is drawn to dst. It fails where there
// is none and where it met only expired ones.
func (sh *Shard) random(dst []byte, now int64) ([]byte, bool) {
	for met := 0; sh.tab.Len() > 0 && met < maxExpired; {
		t := sh.tab.Load()
		i := rand.IntN(len(t.Slots))
		if t.Slots[i] == 0 {
			continue
		}
		e := sh.entry(t.Slots[i], i)
		if e.expired(now) {
			sh.expire(e)
			met++
			continue
		}
		return append(dst, e.Key()...), true
	}
	return dst, false
}

// Bounds of what MeanTTL looks at.
const (
	ttlShards = 16
	ttlSteps  = 16 // entries of each
)

// MeanTTL estimates from some entries how long those with an expiry have left
// on average, in ms; 0: none has one. It passes over shards that are locked.
func (w Whole) MeanTTL(now int64) int64 {
	var sum, n int64
	shards := w.st.shards
	for start, i := rand.IntN(len(shards)), 0; i < len(shards) && n < ttlShards*ttlSteps; i++ {
		sh := &shards[(start+i)%len(shards)]
		if sh.expiry.Keys() == 0 || !w.tryLock(sh) {
			continue
		}
		s, k := sh.someTTL(now)
		w.unlock(sh)
		sum, n = sum+s, n+k
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// someTTL adds up what some entries with an expiry have left.
func (sh *Shard) someTTL(now int64) (sum, n int64) {
	if sh.expiry.Keys() == 0 {
		return 0, 0
	}
	t := sh.tab.Load()
	i := t.Used(rand.IntN(len(t.Slots)))
	for seen := 0; seen < min(sh.tab.Len(), 16*ttlSteps) && n < ttlSteps; seen++ {
		if i < 0 {
			i = t.Used(0)
		}
		if at := sh.entry(t.Slots[i], i).ExpireAt(); at != 0 {
			sum += max(at-now, 0)
			n++
		}
		i = t.Used(i + 1)
	}
	return sum, n
}
