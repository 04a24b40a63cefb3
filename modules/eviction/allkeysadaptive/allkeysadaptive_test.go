package allkeysadaptive

import (
	"math/rand/v2"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/modules/eviction/threequeues"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New(NewConfig())) }

// cache is a queue with the uses of its entries, of which it holds so many.
type cache struct {
	t        *testing.T
	nodes    *queue.Nodes
	q        eviction.Queue
	capacity int
	there    map[uint64]uint32 // node by key
	uses     map[uint32]int
}

func newCache(t *testing.T, capacity int) *cache {
	t.Helper()
	nodes, err := queue.NewNodes()
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(NewConfig()).NewQueue(nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if err := nodes.Close(); err != nil {
			t.Error(err)
		}
	})
	return &cache{t: t, nodes: nodes, q: q, capacity: capacity, there: map[uint64]uint32{}, uses: map[uint32]int{}}
}

// hash spreads the keys. It can be undone, so that a node tells its key.
func hash(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 }

// get reads a key, inserts it where it is missing, and says whether it was there.
func (c *cache) get(key uint64) bool {
	c.t.Helper()
	if node, ok := c.there[key]; ok {
		c.uses[node] = min(c.uses[node]+1, threequeues.MaxUses)
		return true
	}
	for len(c.there) >= c.capacity {
		node := c.q.Next()
		left, evict := c.q.Judge(node, c.uses[node])
		c.uses[node] = left
		if evict {
			delete(c.there, c.nodes.Hash(node)*0xf1de83e19937733d)
			c.nodes.Give(node)
		}
	}
	node, ok := c.nodes.Take(hash(key))
	if !ok {
		c.t.Fatal("the pool is used up")
	}
	c.there[key], c.uses[node] = node, 0
	c.q.Insert(node)
	return false
}

// hits is how many of n reads hit, of the keys that are drawn for each.
func (c *cache) hits(n int, draw func(i int) uint64) (hits int) {
	c.t.Helper()
	for i := range n {
		if c.get(draw(i)) {
			hits++
		}
	}
	return hits
}

const capacity = 1000

// A loop over twice as many keys as there is room for hits about as often as it
// can: half of the keys stay.
func TestALoopLeavesMostOfMainInPlace(t *testing.T) {
	c := newCache(t, capacity)
	loop := func(i int) uint64 { return uint64(i % (2 * capacity)) }
	c.hits(40*capacity, loop)
	if hits := c.hits(20*capacity, loop); hits < 20*capacity/4 {
		t.Errorf("%d of %d hit, of which half could", hits, 20*capacity)
	}
}

// Keys in demand survive a scan that is longer than the queues and the ghosts.
func TestAScanLeavesMainInPlace(t *testing.T) {
	c := newCache(t, capacity)
	demand := func(i int) uint64 { return uint64(i % (capacity / 2)) }
	c.hits(10*capacity, demand)
	// What was read enters main at the end of small, so there must be an end.
	c.hits(capacity, func(i int) uint64 { return uint64(1_000_000 + i) })
	c.hits(capacity, demand)
	c.hits(10*capacity, func(i int) uint64 { return uint64(2_000_000 + i) })
	if hits := c.hits(capacity/2, demand); hits < capacity/2*9/10 {
		t.Errorf("%d of %d keys survived", hits, capacity/2)
	}
}

// After a time in which it never paid to admit keys, it learns that it does.
func TestDemandMayMoveToKeysThatStay(t *testing.T) {
	c := newCache(t, capacity)
	// Each key comes back once, after it was evicted.
	c.hits(40*capacity, func(i int) uint64 {
		if i%2 == 0 {
			return uint64(i)
		}
		return uint64(max(i-2*capacity-1, 0))
	})
	if a := c.q.(*queues).admitted; a != leastAdmitted {
		t.Errorf("a share of %v is admitted where none is read", a)
	}
	// Keys of which all would fit, drawn at random, among others that never return.
	random := rand.New(rand.NewPCG(1, 2))
	demand := func(i int) uint64 {
		if i%4 == 0 {
			return uint64(2_000_000 + i)
		}
		return 3_000_000 + random.Uint64N(capacity*3/4)
	}
	c.hits(20*capacity, demand)
	hits := c.hits(10*capacity, func(i int) uint64 { return demand(20*capacity + i) })
	if most := 10 * capacity * 3 / 4; hits < most*9/10 {
		t.Errorf("%d hit, of %d that could", hits, most)
	}
}
