package replay

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store"
)

// Run is one replay.
type Run struct {
	Trace   *Trace
	Policy  eviction.Policy
	Objects int // how many the cache should hold
	// Size is the length of a value in bytes; 0 chooses one that is large
	// beside what else the store keeps of an object, if memory allows.
	Size int
	// Pace is the time from one request to the next, on the clock that the
	// policy sees.
	Pace time.Duration
	// Expiring says whether the values have an expiry, so that policies that evict only
	// such ones have something to evict.
	Expiring bool
}

// Result is what a replay counted.
type Result struct {
	MissRatio float64
	Held      float64       // objects in the cache on average, once it was full
	PerOp     time.Duration // time for one request, the SET after a miss included
	PerKey    float64       // bytes that the policy keeps beside each object
	Limit     int64         // of memory, in bytes
	Shards    int
}

const (
	keyLength = 12
	// most is how much memory a replay should take.
	most = 512 << 20
	// near is how near the number of objects must come to what is wanted.
	near   = 0.002
	rounds = 5
)

// size is the length of values.
func (r *Run) size() int {
	if r.Size > 0 {
		return r.Size
	}
	return min(max(most/r.Objects, 256), 4096) - keyLength - 16
}

// Do replays until the cache held the right number of objects on average.
func (r *Run) Do() (Result, error) {
	limit := int64(r.Objects) * int64(r.size()+keyLength+32)
	var best Result
	for round := 0; ; round++ {
		got, err := r.once(limit)
		if err != nil {
			return Result{}, err
		}
		off := math.Abs(got.Held-float64(r.Objects)) / float64(r.Objects)
		if round == 0 || off < math.Abs(best.Held-float64(r.Objects))/float64(r.Objects) {
			best = got
		}
		if off < near || round == rounds || got.Held == 0 {
			return best, nil
		}
		perObject := float64(limit) / got.Held
		limit += int64((float64(r.Objects) - got.Held) * min(perObject, 2*float64(r.size()+keyLength+32)))
		limit = max(limit, 1<<16)
	}
}

// once replays with a memory limit.
func (r *Run) once(limit int64) (Result, error) {
	st, err := store.New(store.Options{MaxMemory: limit, Policy: r.Policy})
	if err != nil {
		return Result{}, fmt.Errorf("replay: %w", err)
	}
	defer func() { _ = st.Close() }() // its memory goes with the process at the latest
	value := make([]byte, r.size())
	key := make([]byte, keyLength)
	now := int64(1_800_000_000_000)
	misses, held, looks, evicted := 0, 0.0, 0, false
	begin := time.Now()
	for i, n := range r.Trace.Requests {
		now += r.Pace.Milliseconds()
		binary.LittleEndian.PutUint32(key, n)
		k := st.Key(key)
		sh := st.Lock(k)
		_, ok := sh.Get(k, now)
		sh.Unlock()
		if ok {
			continue
		}
		misses++
		if !st.Admit(now, len(key)+len(value)) {
			return Result{}, fmt.Errorf("replay: %s refuses to store more than it holds", r.Policy.Name())
		}
		expireAt := int64(0)
		if r.Expiring {
			// Far enough to be never met, and each its own.
			expireAt = now + int64(time.Hour/time.Millisecond)*24*3650
		}
		sh = st.Lock(k)
		err := sh.Set(k, value, expireAt, now)
		sh.Unlock()
		if err != nil {
			return Result{}, fmt.Errorf("replay: %w", err)
		}
		// Adding up is a walk over the shards: not each time.
		if i%1021 == 0 {
			pause := time.Now()
			t := st.Totals()
			if evicted = evicted || t.Evicted > 0; evicted {
				held += float64(t.Keys)
				looks++
			}
			begin = begin.Add(time.Since(pause))
		}
	}
	took := time.Since(begin)
	result := Result{
		MissRatio: float64(misses) / float64(len(r.Trace.Requests)),
		PerOp:     took / time.Duration(len(r.Trace.Requests)),
		Limit:     limit,
		Shards:    st.Shards(),
	}
	if looks > 0 {
		result.Held = held / float64(looks)
	}
	if n := st.Totals().Keys; n > 0 {
		result.PerKey = float64(st.Memory().Order) / float64(n)
	}
	return result, nil
}
