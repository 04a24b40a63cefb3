package tracking

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
	"github.com/redistill-go/redistill/core/store"
)

// A table knows what a plain map knows, however it grows and shrinks; keys with one
// hash stay apart; and what it says it takes is about what it holds.
func TestTable(t *testing.T) {
	pool := buffertest.New(t)
	random := rand.New(rand.NewPCG(3, 4))
	var tb table
	model := map[string]map[int64]bool{}
	name := func(n int) store.Key {
		s := fmt.Sprintf("%d:%s", random.IntN(n), strings.Repeat("k", 30))
		return store.Key{Bytes: []byte(s), Hash: uint64(len(s))<<40 + uint64(s[0])*7919 + uint64(s[1])}
	}
	drop := func(k store.Key) {
		at := tb.find(k)
		if there := at != nil && *at != 0; there != (model[string(k.Bytes)] != nil) {
			t.Fatalf("%s is there: %v", k.Bytes, there)
		} else if !there {
			return
		}
		var told []int64
		tb.drop(pool, at, func(id int64) { told = append(told, id) })
		if len(told) != len(model[string(k.Bytes)]) {
			t.Fatalf("told %v of %s, want %v", told, k.Bytes, model[string(k.Bytes)])
		}
		slices.Sort(told)
		if len(slices.Compact(told)) != len(model[string(k.Bytes)]) {
			t.Fatalf("one was told twice: %v", told)
		}
		delete(model, string(k.Bytes))
	}
	for round := range 6 {
		keys := 30 << (2 * (round % 3)) * 3
		for range 40 * keys {
			k := name(keys)
			if random.IntN(20) == 0 {
				drop(k)
				continue
			}
			id := int64(random.IntN(20)) << 30
			tb.add(pool, k, id)
			if model[string(k.Bytes)] == nil {
				model[string(k.Bytes)] = map[int64]bool{}
			}
			model[string(k.Bytes)][id] = true
		}
		pairs, named := 0, 0
		for name, ids := range model {
			pairs += len(ids)
			named += len(name)
		}
		if tb.used != len(model) || tb.pairs != pairs || tb.named != named {
			t.Fatalf("%d keys, %d pairs, names of %d bytes; want %d, %d, %d", tb.used, tb.pairs, tb.named, len(model), pairs, named)
		}
		held := int64(tb.heads.Held() + tb.keys.Held() + tb.blocks.Held() + tb.names.Held())
		if size := tb.size(); len(model) > 100 && (size > 2*held || held > 2*size) {
			t.Errorf("%d bytes are held and %d counted, for %d keys", held, size, len(model))
		}
		for tb.used > 0 {
			k := store.Key{Bytes: slices.Clone(tb.name(&tb.keys.All[*tb.any()-1]))}
			k.Hash = uint64(len(k.Bytes))<<40 + uint64(k.Bytes[0])*7919 + uint64(k.Bytes[1])
			drop(k)
		}
		if len(model) != 0 || pool.Held() != 0 {
			t.Fatalf("%d keys are left, %d bytes", len(model), pool.Held())
		}
	}
}
