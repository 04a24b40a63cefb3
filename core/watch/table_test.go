package watch

import (
	"math/rand/v2"
	"testing"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
)

// A table knows what a plain set of pairs knows, however it grows and shrinks, and
// an empty one holds nothing.
func TestTable(t *testing.T) {
	pool := buffertest.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	type known struct {
		hash    uint64
		watcher uint32
	}
	var tb table
	model := map[known]bool{}
	hash := func(n int) uint64 { return uint64(random.IntN(n)) * 0x9e3779b97f4a7c15 }
	step := func(keys int, grow bool) {
		k := known{hash(keys), uint32(random.IntN(5))}
		if model[k] != tb.has(k.hash, k.watcher) {
			t.Fatalf("%v is there: %v", k, model[k])
		}
		switch {
		case grow && !model[k]:
			number := k.watcher
			if k.hash%2 == 0 {
				number |= existed
			}
			tb.add(pool, k.hash, number)
			model[k] = true
		case !grow:
			tb.drop(pool, k.hash, k.watcher)
			delete(model, k)
		}
	}
	for round := range 6 {
		keys := 20 << (2 * (round % 3)) * 5
		for range 10 * keys {
			step(keys, random.IntN(4) > 0)
		}
		seen := 0
		tb.all(func(p pair) {
			seen++
			if k := (known{p.hash, p.watcher &^ existed}); !model[k] || p.watcher&existed != 0 != (k.hash%2 == 0) {
				t.Fatalf("%v is in the table", p)
			}
		})
		if seen != len(model) || tb.used != seen {
			t.Fatalf("%d pairs, %d used, want %d", seen, tb.used, len(model))
		}
		for k := range model {
			told := 0
			tb.each(k.hash, func(uint32) { told++ })
			want := 0
			for w := range uint32(5) {
				if model[known{k.hash, w}] {
					want++
				}
			}
			if told != want {
				t.Fatalf("%d watchers of a key, want %d", told, want)
			}
		}
		for k := range model {
			tb.drop(pool, k.hash, k.watcher)
			if len(tb.pairs.All) >= 4*sparse && tb.used < len(tb.pairs.All)/8 {
				t.Fatalf("%d places for %d pairs", len(tb.pairs.All), tb.used)
			}
			delete(model, k)
		}
		if tb.used != 0 || pool.Held() != 0 {
			t.Fatalf("%d pairs are left, %d bytes", tb.used, pool.Held())
		}
	}
}
