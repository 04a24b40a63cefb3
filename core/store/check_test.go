package store

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
)

// epoch is where the logical clocks of the tests start, in ms.
const epoch = int64(1_800_000_000_000)

func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	if o.Reserve == 0 {
		o.Reserve = 1 << 32
	}
	st, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// numbered is the store's key number i, 12 bytes long.
func numbered(st *Store, i int) Key {
	return st.Key(binary.LittleEndian.AppendUint64([]byte("key:"), uint64(i)))
}

// mustSet sets one key under its lock.
func mustSet(t testing.TB, st *Store, k Key, value []byte, expireAt, now int64) {
	t.Helper()
	sh := st.Lock(k)
	defer sh.Unlock()
	if err := sh.Set(k, value, expireAt, now); err != nil {
		t.Fatal(err)
	}
}

// get copies one key's value under its lock.
func get(st *Store, k Key, now int64) (value []byte, expireAt int64, ok bool) {
	sh := st.Lock(k)
	defer sh.Unlock()
	e, ok := sh.Get(k, now)
	if !ok {
		return nil, 0, false
	}
	return append([]byte{}, e.Value()...), e.ExpireAt(), true
}

func remove(st *Store, k Key, now int64) bool {
	sh := st.Lock(k)
	defer sh.Unlock()
	return sh.Delete(k, now)
}

// pattern is n bytes that look random and depend on seed.
func pattern(seed uint64, n int) []byte {
	b := make([]byte, (n+7)/8*8)
	rnd := rand.NewPCG(seed, 1)
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rnd.Uint64())
	}
	return b[:n]
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkStore asserts what must hold whenever no shard is locked: every index
// is in order, without a gap between a word's home and its place; every entry
// is found by its key; the counters are exact; the arena holds the entries,
// the indexes and other bytes, and nothing else. keyOf hashes a key as those
// in the store were.
func checkStore(t fataler, st *Store, keyOf func([]byte) Key, other int64) {
	t.Helper()
	st.releases.Wait()
	allocated := other
	if n := st.leaving.Load(); n != 0 {
		t.Fatalf("%d bytes count as leaving and nothing leaves", n)
	}
	for i := range st.shards {
		sh := &st.shards[i]
		sh.mu.Lock()
		allocated += checkShard(t, sh, keyOf)
		sh.mu.Unlock()
	}
	checkOrders(t, st)
	m := st.Memory()
	if m.Allocated != allocated {
		t.Fatalf("%d bytes allocated, entries and indexes are %d", m.Allocated, allocated)
	}
	if m.Used < m.Allocated || m.Resident < m.Used {
		t.Fatalf("allocated %d, used %d, resident %d", m.Allocated, m.Used, m.Resident)
	}
}

func checkShard(t fataler, sh *Shard, keyOf func([]byte) Key) (allocated int64) {
	t.Helper()
	tab := sh.tab.Load()
	if n := tab.Bytes(); n != 0 {
		allocated += int64(arena.Round(n))
	}
	if tab.Slots[len(tab.Slots)-1] != 0 {
		t.Fatalf("the last word of an index is in use")
	}
	count, expiring, fieldExpiring, empty, last := 0, 0, 0, -1, uint64(0)
	earliest := int64(math.MaxInt64)
	for i, w := range tab.Slots {
		if w == 0 {
			empty = i
			continue
		}
		frag, home := index.Frag(w), int(tab.Home(index.Frag(w)))
		if frag < last {
			t.Fatalf("slot %d: fragment %x after %x", i, frag, last)
		}
		if home > i || home <= empty {
			t.Fatalf("slot %d: home %d, empty slot %d", i, home, empty)
		}
		last = frag
		e := sh.entry(w, i)
		k := keyOf(e.Key())
		if sh.st.shardOf(k.Hash) != sh || sh.st.frag(k.Hash) != frag {
			t.Fatalf("slot %d: key %.40q doesn't belong here", i, k.Bytes)
		}
		if _, slot, ok := sh.find(k); !ok || slot != i {
			t.Fatalf("slot %d: key %.40q found at %d, %v", i, k.Bytes, slot, ok)
		}
		count++
		if at := e.ExpireAt(); at != 0 {
			expiring++
			earliest = min(earliest, at)
		}
		allocated += int64(arena.Round(e.size()))
		if e.Type() == Hash {
			allocated += checkHash(t, sh, e)
			if e.timed() {
				fieldExpiring++
				earliest = min(earliest, e.earliest())
			}
		}
	}
	if fieldExpiring != sh.expiry.Hashes() {
		t.Fatalf("the fields of %d hashes may expire, counted %d", fieldExpiring, sh.expiry.Hashes())
	}
	if count != sh.tab.Len() || expiring != sh.expiry.Keys() {
		t.Fatalf("%d entries, %d expiring; counted %d and %d", count, expiring, sh.tab.Len(), sh.expiry.Keys())
	}
	if sh.expiry.First() > earliest {
		t.Fatalf("an entry expires at %d, before %d", earliest, sh.expiry.First())
	}
	if earliest < math.MaxInt64 && sh.expiry.Next() > expiry.After(earliest, expiry.MaxWait) {
		t.Fatalf("an entry expires at %d, the sweep comes at %d", earliest, sh.expiry.Next())
	}
	if count > tab.Limit() {
		t.Fatalf("%d entries in an index with a limit of %d", count, tab.Limit())
	}
	return allocated
}
