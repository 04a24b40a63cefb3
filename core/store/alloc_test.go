package store

import (
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

func TestTheHotPathAllocatesNothing(t *testing.T) {
	st := newStore(t, Options{Shards: 16, Policy: &clockPolicy{samples: 5, sampling: 10}})
	const keys = 10_000
	value := make([]byte, 256)
	names := make([][]byte, keys)
	for i := range names {
		k := numbered(st, i)
		names[i] = k.Bytes
		mustSet(t, st, k, value, epoch+1e9, epoch)
	}
	var set LockSet
	batch := make([]Key, 0, 32)
	i, now, sum := 0, epoch, 0
	next := func() Key {
		i++
		return st.Key(names[i%keys])
	}
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for what, op := range map[string]func(){
		"Get": func() {
			k := next()
			sh := st.Lock(k)
			if e, ok := sh.Get(k, now); ok {
				sum += len(e.Value()) + len(e.Key()) + int(e.ExpireAt())
			}
			sh.Unlock()
		},
		"Get of nothing": func() {
			k := st.Key(value)
			sh := st.Lock(k)
			if _, ok := sh.Get(k, now); ok {
				sum++
			}
			sh.Unlock()
		},
		"Set over the same size": func() {
			k := next()
			sh := st.Lock(k)
			check(sh.Set(k, value, now+1e9, now))
			sh.Unlock()
		},
		"Set over another size": func() {
			k := next()
			sh := st.Lock(k)
			check(sh.Set(k, value[:i%256], now+1e9, now))
			sh.Unlock()
		},
		"Resize": func() {
			k := next()
			sh := st.Lock(k)
			if e, ok := sh.Peek(k, now); ok {
				_, err := sh.Resize(k, e, i%500)
				check(err)
			}
			sh.Unlock()
		},
		"SetExpiry": func() {
			k := next()
			sh := st.Lock(k)
			if e, ok := sh.Peek(k, now); ok {
				check(sh.SetExpiry(k, e, now+int64(i)+1e9))
			}
			sh.Unlock()
		},
		"Delete and Set": func() {
			k := next()
			sh := st.Lock(k)
			sh.Delete(k, now)
			check(sh.Set(k, value, now+1e9, now))
			sh.Unlock()
		},
		"LockKeys": func() {
			batch = batch[:0]
			for range 30 {
				batch = append(batch, next())
			}
			for _, k := range batch {
				sum += int(st.Touch(st.Warm(k)))
			}
			st.LockKeys(&set, batch)
			for _, k := range batch {
				if e, ok := st.Locked(k).Get(k, now); ok {
					sum += e.Len()
				}
			}
			set.Unlock()
		},
		"Admit": func() {
			if st.Admit(now, 0) {
				sum++
			}
		},
		"Sweep": func() {
			now++
			sum += st.Sweep(now, time.Second)
		},
	} {
		op()
		if n := testing.AllocsPerRun(2000, op); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

// Evicting and replacing is the steady state of a full cache.
func TestEvictionAllocatesNothing(t *testing.T) {
	for _, p := range []eviction.Policy{&clockPolicy{samples: 5, sampling: 1}, fifoPolicy{}} {
		t.Run(p.Name(), func(t *testing.T) { evictionAllocatesNothing(t, p) })
	}
}

func evictionAllocatesNothing(t *testing.T, p eviction.Policy) {
	st := newStore(t, Options{Shards: 1, Policy: p, MaxMemory: 1 << 30})
	const keys = 5000
	names := make([][]byte, 4*keys)
	for i := range names {
		names[i] = numbered(st, i).Bytes
	}
	value := make([]byte, 100)
	for i := range keys {
		mustSet(t, st, st.Key(names[i]), value, 0, epoch)
	}
	st.SetMaxMemory(st.Memory().Allocated)
	i := keys
	n := testing.AllocsPerRun(2000, func() {
		i++
		k := st.Key(names[i%len(names)])
		if !st.Admit(epoch, 0) {
			t.Error("refused")
		}
		sh := st.Lock(k)
		if err := sh.Set(k, value, 0, epoch); err != nil {
			t.Error(err)
		}
		sh.Unlock()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	if st.Totals().Evicted == 0 {
		t.Error("nothing was evicted")
	}
}
