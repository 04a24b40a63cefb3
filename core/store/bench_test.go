package store

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

const (
	benchKeys  = 1_000_000
	benchValue = 256
	benchBatch = 30
)

// benchStore has a million keys with values of 256 bytes. name goes through all
// of them in an order that has nothing to do with where they are.
func benchStore(b *testing.B) (st *Store, name func(i uint64) Key) {
	b.Helper()
	st = newStore(b, Options{Reserve: 1 << 36})
	names := make([]byte, 0, benchKeys*12)
	for i := range benchKeys {
		names = append(names, numbered(st, i).Bytes...)
	}
	name = func(i uint64) Key {
		i = i * 611_953 % benchKeys
		return st.Key(names[i*12 : i*12+12])
	}
	value := make([]byte, benchValue)
	for i := range benchKeys {
		mustSet(b, st, numbered(st, i), value, 0, epoch)
	}
	b.ReportAllocs()
	b.ResetTimer()
	return st, name
}

func BenchmarkGetHit(b *testing.B) {
	st, name := benchStore(b)
	buf := make([]byte, 0, benchValue)
	for i := uint64(0); b.Loop(); i++ {
		k := name(i)
		sh := st.Lock(k)
		e, ok := sh.Get(k, epoch)
		if !ok {
			b.Fatal("miss")
		}
		buf = append(buf[:0], e.Value()...)
		sh.Unlock()
	}
}

// BenchmarkGetHitWarm reads as a pipeline batch does; one operation is one key.
func BenchmarkGetHitWarm(b *testing.B) {
	st, name := benchStore(b)
	buf := make([]byte, 0, benchValue)
	var keys [benchBatch]Key
	var guesses [benchBatch]uint64
	noise := uint64(0)
	i, n := uint64(0), 0
	for b.Loop() {
		if n == 0 {
			for j := range keys {
				keys[j] = name(i)
				guesses[j] = st.Warm(keys[j])
				i++
			}
			for _, g := range guesses {
				noise += st.Touch(g)
			}
			n = benchBatch
		}
		n--
		k := keys[n]
		sh := st.Lock(k)
		e, ok := sh.Get(k, epoch)
		if !ok {
			b.Fatal("miss", noise)
		}
		buf = append(buf[:0], e.Value()...)
		sh.Unlock()
	}
}

func BenchmarkGetHitParallel(b *testing.B) {
	st, name := benchStore(b)
	var worker atomic.Uint64
	b.RunParallel(func(pb *testing.PB) {
		buf := make([]byte, 0, benchValue)
		for i := worker.Add(1) << 40; pb.Next(); i++ {
			k := name(i)
			sh := st.Lock(k)
			if e, ok := sh.Get(k, epoch); ok {
				buf = append(buf[:0], e.Value()...)
			}
			sh.Unlock()
		}
	})
}

func BenchmarkGetMiss(b *testing.B) {
	st, _ := benchStore(b)
	rnd := rand.New(rand.NewPCG(1, 2))
	name := make([]byte, 16)
	for b.Loop() {
		for j := range 8 {
			name[j] = byte(rnd.Uint32())
		}
		k := st.Key(name)
		sh := st.Lock(k)
		if _, ok := sh.Get(k, epoch); ok {
			b.Fatal("hit")
		}
		sh.Unlock()
	}
}

func BenchmarkSetOverwrite(b *testing.B) {
	st, name := benchStore(b)
	value := make([]byte, benchValue)
	for i := uint64(0); b.Loop(); i++ {
		k := name(i)
		sh := st.Lock(k)
		if err := sh.Set(k, value, 0, epoch); err != nil {
			b.Fatal(err)
		}
		sh.Unlock()
	}
}

// BenchmarkSetNew fills empty stores with a million keys; one operation is one
// key, growing indexes and fresh memory included.
func BenchmarkSetNew(b *testing.B) {
	st, name := benchStore(b)
	value := make([]byte, benchValue)
	for i := uint64(0); b.Loop(); i++ {
		if i%benchKeys == 0 {
			b.StopTimer()
			st.Whole().Flush()()
			b.StartTimer()
		}
		k := name(i)
		sh := st.Lock(k)
		if err := sh.Set(k, value, 0, epoch); err != nil {
			b.Fatal(err)
		}
		sh.Unlock()
	}
}

// BenchmarkGrowHash grows one hash to a million fields and reports the longest
// single Set, which on a busy machine is one that was interrupted, and the
// longest that doubled the directory, which is the most that one has to do.
func BenchmarkGrowHash(b *testing.B) {
	const fields = 1_000_000
	value := make([]byte, 8)
	var longest, doubling time.Duration
	var held int64
	for range b.N {
		st := newStore(b, Options{Shards: 16})
		k := st.Key([]byte("hash"))
		name := make([]byte, 0, 20)
		most := 0 // places of the directory
		for i := range fields {
			name = strconv.AppendInt(append(name[:0], "field:"...), int64(i), 10)
			start := time.Now()
			sh := st.Lock(k)
			f, err := sh.Fields(k, epoch)
			if err == nil {
				_, err = f.Set(name, value, 0)
			}
			if err != nil {
				b.Fatal(err)
			}
			f.Done()
			sh.Unlock()
			took := time.Since(start)
			longest = max(longest, took)
			if n := places(sh, &f); n > most {
				most, doubling = n, max(doubling, took)
			}
		}
		held = st.Memory().Allocated
	}
	b.ReportMetric(float64(longest.Microseconds()), "longest-µs")
	b.ReportMetric(float64(doubling.Microseconds()), "doubling-µs")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/fields, "ns/field")
	b.ReportMetric(float64(held)/fields, "B/field")
}

func BenchmarkGetField(b *testing.B) {
	for _, fields := range []int{10, 100, 1_000_000} {
		b.Run(strconv.Itoa(fields), func(b *testing.B) {
			st := newStore(b, Options{Shards: 16})
			k := st.Key([]byte("hash"))
			addFields(b, st, k, 0, fields, 8)
			names := make([][]byte, fields)
			for i := range names {
				names[i] = fmt.Appendf(nil, "field:%d", i)
			}
			b.ResetTimer()
			for i := range b.N {
				sh := st.Lock(k)
				f, err := sh.Fields(k, epoch)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, ok := f.Get(names[i*7919%fields]); !ok {
					b.Fatal("a field is gone")
				}
				sh.Unlock()
			}
		})
	}
}

// BenchmarkViewMoment is how long all shards are locked to take a view.
func BenchmarkViewMoment(b *testing.B) {
	st := newStore(b, Options{Shards: 2048, Reserve: 1 << 36})
	for b.Loop() {
		v, err := st.View()
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		v.Close(true)
		b.StartTimer()
	}
}

// BenchmarkViewWalk walks a view of all keys; one operation is one key.
func BenchmarkViewWalk(b *testing.B) {
	st, _ := benchStore(b)
	sum := 0
	for n := 0; n < b.N; n += benchKeys {
		v, err := st.View()
		if err != nil {
			b.Fatal(err)
		}
		if err := v.Walk(b.Context(), 1, func(_ int, r snapshot.Record) error {
			sum += len(r.Value)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		v.Close(true)
	}
}

// BenchmarkSetOverwriteInView overwrites entries that the view has to keep;
// one operation is one key.
func BenchmarkSetOverwriteInView(b *testing.B) {
	st, name := benchStore(b)
	value := make([]byte, benchValue)
	for i := 0; i < b.N; {
		v, err := st.View()
		if err != nil {
			b.Fatal(err)
		}
		for j := uint64(0); i < b.N && j < benchKeys; i, j = i+1, j+1 {
			mustSet(b, st, name(j), value, 0, epoch)
		}
		b.StopTimer()
		v.Close(true)
		b.StartTimer()
	}
}

// BenchmarkSetField sets fields of hashes of ten, over ones of the same length and of
// others in turn, which changes the length of the entry.
func BenchmarkSetField(b *testing.B) {
	for _, lengths := range []int{1, 3} {
		b.Run(strconv.Itoa(lengths), func(b *testing.B) {
			st := newStore(b, Options{Shards: 16})
			k := st.Key([]byte("hash"))
			addFields(b, st, k, 0, 10, 8)
			names := make([][]byte, 10)
			for i := range names {
				names[i] = fmt.Appendf(nil, "field:%d", i)
			}
			value := make([]byte, 60)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				sh := st.Lock(k)
				f, err := sh.Fields(k, epoch)
				if err == nil {
					_, err = f.Set(names[i%10], value[:8+i%lengths*20], 0)
				}
				if err != nil {
					b.Fatal(err)
				}
				f.Done()
				sh.Unlock()
			}
		})
	}
}

// BenchmarkNewHash makes hashes of ten fields by one command each and removes them.
func BenchmarkNewHash(b *testing.B) {
	st := newStore(b, Options{Shards: 16})
	k := st.Key([]byte("hash"))
	var pairs [][]byte
	for i := range 10 {
		pairs = append(pairs, fmt.Appendf(nil, "field:%d", i), []byte("the value"))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		sh := st.Lock(k)
		f, err := sh.Fields(k, epoch)
		if err == nil {
			_, err = f.SetAll(pairs, 0)
		}
		if err != nil {
			b.Fatal(err)
		}
		f.Done()
		sh.Delete(k, epoch)
		sh.Unlock()
	}
}

// BenchmarkEachField goes through hashes of ten fields.
func BenchmarkEachField(b *testing.B) {
	st := newStore(b, Options{Shards: 16})
	k := st.Key([]byte("hash"))
	addFields(b, st, k, 0, 10, 8)
	sum := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		sh := st.Lock(k)
		f, err := sh.Fields(k, epoch)
		if err != nil {
			b.Fatal(err)
		}
		f.Each(func(_, v []byte, _ int64) bool { sum += len(v); return true })
		sh.Unlock()
	}
}
