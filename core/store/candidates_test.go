package store

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
)

// largest is a policy that goes by what a candidate tells of its entry: it evicts
// the largest of those whose key begins with "tmp:", of one type.
type largest struct {
	typ  string
	seen map[string]int64 // sizes by key
}

func (p *largest) Name() string                                       { return "largest" }
func (p *largest) Samples() int                                       { return 64 }
func (p *largest) ReadSampling() uint32                               { return 0 }
func (p *largest) Insert(int64) eviction.Recency                      { return 0 }
func (p *largest) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }
func (p *largest) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) {
	if c.Type() != p.typ || !bytes.HasPrefix(c.Key(), []byte("tmp:")) {
		return 0, false
	}
	if p.seen != nil {
		p.seen[string(c.Key())] = c.Size()
	}
	return uint64(c.Size()), true
}

// fill puts in strings and hashes, of sizes from a few bytes to some pages; keys that
// may be evicted are among others. It returns what each takes, by key.
func fill(t *testing.T, st *Store) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	for i := range 200 {
		prefix := [...]string{"tmp:", "keep:"}[i%2]
		value := bytes.Repeat([]byte("v"), 1+i*i)
		s, h := st.Key(fmt.Append(nil, prefix, "string", i)), st.Key(fmt.Append(nil, prefix, "hash", i))
		mustSet(t, st, s, value, [...]int64{0, epoch + 1000}[i/2%2], epoch)
		addFields(t, st, h, 0, 1+i/20, 1+i*i)
		for _, k := range []Key{s, h} {
			sh := st.Lock(k)
			e, _ := sh.Peek(k, epoch)
			sizes[string(k.Bytes)] = e.Size()
			sh.Unlock()
		}
	}
	return sizes
}

func TestCandidatesTellOfTheirEntries(t *testing.T) {
	for _, typ := range []string{"string", "hash"} {
		p := &largest{typ: typ, seen: map[string]int64{}}
		st := newStore(t, Options{Shards: 1, Policy: p})
		sizes := fill(t, st)
		for range 300 {
			st.Evictor.some(epoch, 0)
		}
		for i := range 200 {
			key := fmt.Sprint([...]string{"tmp:", "keep:"}[i%2], typ, i)
			got, seen := p.seen[key]
			if want := i%2 == 0; seen != want || seen && got != sizes[key] {
				t.Errorf("%s: seen %v with %d bytes, it has %d", key, seen, got, sizes[key])
			}
			k := st.Key([]byte(key))
			sh := st.Lock(k)
			_, left := sh.Peek(k, epoch)
			sh.Unlock()
			if left != (i%2 == 1) {
				t.Errorf("%s: left %v", key, left)
			}
		}
	}
}

func TestLookingAtCandidatesAllocatesNothing(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Policy: &largest{typ: "string"}})
	fill(t, st)
	if n := testing.AllocsPerRun(50, func() { st.Evictor.some(epoch, 1<<60) }); n != 0 {
		t.Errorf("an eviction makes %v allocations", n)
	}
}
