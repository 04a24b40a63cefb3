package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/arena"
)

// A self-checking value says which key and which generation it belongs to; its
// length and all its bytes follow from the two.
const checkedHead = 16

func checkedLength(key, generation uint64) int {
	h := (key*0x9e3779b97f4a7c15 ^ generation*0xbf58476d1ce4e5b9) >> 20
	limit := uint64(600)
	switch h % 64 {
	case 0:
		limit = 3 * arena.MaxSmall
	case 1, 2, 3:
		limit = arena.MaxSmall
	}
	return checkedHead + int(h/64%limit)
}

func writeChecked(dst []byte, key, generation uint64) {
	binary.LittleEndian.PutUint64(dst, key)
	binary.LittleEndian.PutUint64(dst[8:], generation)
	for i := checkedHead; i < len(dst); i++ {
		dst[i] = byte(key*7 + generation*13 + uint64(i))
	}
}

func verifyChecked(v []byte, key uint64) error {
	if len(v) < checkedHead || binary.LittleEndian.Uint64(v) != key {
		return fmt.Errorf("key %d holds %d bytes of something else", key, len(v))
	}
	generation := binary.LittleEndian.Uint64(v[8:])
	if len(v) != checkedLength(key, generation) {
		return fmt.Errorf("key %d, generation %d: %d bytes, want %d", key, generation, len(v), checkedLength(key, generation))
	}
	for i := checkedHead; i < len(v); i++ {
		if v[i] != byte(key*7+generation*13+uint64(i)) {
			return fmt.Errorf("key %d, generation %d: byte %d of %d is torn", key, generation, i, len(v))
		}
	}
	return nil
}

// crowd is goroutines that share a store and a clock.
type crowd struct {
	st    *Store
	keys  int
	clock atomic.Int64
	ops   atomic.Int64
}

// step does one drawn operation on one drawn key.
func (c *crowd) step(rnd *rand.Rand) error {
	n := rnd.Uint64N(uint64(c.keys))
	k, now, generation := numbered(c.st, int(n)), c.clock.Load(), uint64(c.ops.Add(1))
	expireAt := int64(0)
	if rnd.IntN(3) == 0 {
		expireAt = now + rnd.Int64N(2000)
	}
	sh := c.st.Lock(k)
	defer sh.Unlock()
	e, ok := sh.Get(k, now)
	if ok {
		if err := verifyChecked(e.Value(), n); err != nil {
			return err
		}
	}
	size := checkedLength(n, generation)
	switch op := rnd.IntN(10); {
	case op < 3:
		dst, err := sh.Put(k, String, size, expireAt, now)
		if err == nil {
			writeChecked(dst, n, generation)
		}
		return err
	case op == 3 && ok:
		dst, err := sh.Resize(k, e, size)
		if err == nil {
			writeChecked(dst, n, generation)
		}
		return err
	case op == 4 && ok:
		return sh.SetExpiry(k, e, expireAt)
	case op == 5:
		if sh.Delete(k, now) != ok {
			return fmt.Errorf("key %d: Get says %v, Delete the opposite", n, ok)
		}
	case op == 6 && ok:
		return c.pinned(sh, k, e, n)
	}
	return nil
}

// pinned holds a large value while the key loses it.
func (c *crowd) pinned(sh *Shard, k Key, e Entry, n uint64) error {
	value, ref, ok := sh.Pin(e)
	if !ok {
		return nil
	}
	defer c.st.Unpin(ref)
	sh.Delete(k, c.clock.Load())
	sh.Unlock()
	err := verifyChecked(value, n)
	sh.mu.Lock()
	return err
}

// housekeeping is what runs beside the clients.
func (c *crowd) housekeeping(t *testing.T) []func(rnd *rand.Rand) {
	var noise atomic.Uint64
	return []func(*rand.Rand){
		func(*rand.Rand) { c.st.Sweep(c.clock.Add(37), time.Second) },
		func(rnd *rand.Rand) {
			c.st.Whole().Scan(rnd.Uint64(), 1+rnd.IntN(100), c.clock.Load(), func(e Entry) {
				if err := verifyChecked(e.Value(), binary.LittleEndian.Uint64(e.Key()[4:])); err != nil {
					t.Error(err)
				}
			})
			if key, ok := c.st.Whole().RandomKey(nil, c.clock.Load()); ok && len(key) != 12 {
				t.Errorf("random key %q", key)
			}
		},
		func(rnd *rand.Rand) {
			sum := uint64(0)
			for range 100 {
				sum += c.st.Touch(c.st.Warm(numbered(c.st, rnd.IntN(c.keys))))
				sum += c.st.Touch(rnd.Uint64() >> rnd.IntN(64))
			}
			noise.Add(sum)
		},
		func(rnd *rand.Rand) {
			if rnd.IntN(4) == 0 {
				c.st.Whole().Flush()()
			}
			c.st.SetMaxMemory(max(1, c.st.Memory().Allocated*9/10))
			c.st.Admit(c.clock.Load(), 0)
			if _, err := c.st.Trim(); err != nil {
				t.Error(err)
			}
			if err := c.st.TidyPolicy(); err != nil {
				t.Error(err)
			}
			var p eviction.Policy = &clockPolicy{samples: 1 + rnd.IntN(10), sampling: rnd.Uint32N(4)}
			if rnd.IntN(2) == 0 {
				p = fifoPolicy{}
			}
			c.st.SetPolicy(p)
			var set LockSet
			c.st.LockAll(&set) // without it, each number is of its own moment
			if n := c.st.Totals(); n.Keys < 0 || n.Expiring > n.Keys {
				t.Errorf("%+v", n)
			}
			set.Unlock()
		},
	}
}

func TestNoValueIsEverTorn(t *testing.T) {
	for _, shards := range []int{1, 64} {
		c := &crowd{st: newStore(t, Options{Shards: shards}), keys: 3000}
		c.clock.Store(epoch)
		var clients, keepers sync.WaitGroup
		stop := make(chan struct{})
		for w := range 4 {
			clients.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(w), 5))
				for range 20_000 {
					if err := c.step(rnd); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for w, keep := range c.housekeeping(t) {
			keepers.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(w), 6))
				for {
					select {
					case <-stop:
						return
					default:
						keep(rnd)
					}
				}
			})
		}
		clients.Wait()
		close(stop)
		keepers.Wait()
		c.st.releases.Wait() // shards that were locked have the newest policy then
		checkStore(t, c.st, c.st.Key, 0)
		c.st.Whole().Flush()()
		if n := c.st.Memory().Allocated; n != 0 {
			t.Errorf("%d shards: %d bytes are left in an empty store", shards, n)
		}
	}
}

// Warm may read an index that was freed and filled with other things.
func TestWarmFindsWhatIsThere(t *testing.T) {
	st := newStore(t, Options{Shards: 2})
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	found := 0
	for i := range 1000 {
		k := numbered(st, i)
		guess := st.Warm(k)
		sh := st.Lock(k)
		if e, ok := sh.Peek(k, epoch); ok && uint64(e.ref()) == guess && st.Touch(guess) == e.header {
			found++
		}
		sh.Unlock()
	}
	if found < 990 { // a few share their fragment with a key before them
		t.Errorf("%d of 1000 guesses are right", found)
	}
	for i := 1000; i < 1100; i++ {
		st.Touch(st.Warm(numbered(st, i)))
	}
	if st.Touch(1<<arena.RefBits-1) != 0 {
		t.Error("a reference outside the memory reads as something")
	}
}

func TestPinnedValueOutlivesItsKey(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k, want := numbered(st, 1), pattern(9, PinMin)
	mustSet(t, st, k, want, 0, epoch)
	sh := st.Lock(k)
	e, _ := sh.Peek(k, epoch)
	value, ref, ok := sh.Pin(e)
	sh.Unlock()
	if !ok {
		t.Fatal("cannot pin")
	}
	mustSet(t, st, k, pattern(10, PinMin), 0, epoch)
	st.Whole().Flush()()
	mustSet(t, st, k, pattern(11, PinMin), 0, epoch)
	if !bytes.Equal(value, want) {
		t.Error("the pinned value was changed")
	}
	st.Unpin(ref)
	remove(st, k, epoch)
	if _, err := st.Trim(); err != nil {
		t.Fatal(err)
	}
	if m := st.Memory(); m.Used > small {
		t.Errorf("after the last Unpin: %+v", m)
	}
}
