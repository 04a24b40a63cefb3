package evictiontest

import (
	"math/rand/v2"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
)

func runQueuer(t *testing.T, p eviction.Queuer) {
	t.Run("it counts uses within its bits", func(t *testing.T) {
		if n := p.MaxUses(); n < 1 || n > eviction.MaxUses {
			t.Errorf("it counts up to %d uses, want 1 to %d", n, eviction.MaxUses)
		}
	})
	t.Run("every entry is in a list until it goes", func(t *testing.T) { listed(t, p) })
	t.Run("it evicts whatever the uses", func(t *testing.T) { ends(t, p) })
	t.Run("it evicts all", func(t *testing.T) { drains(t, p) })
	t.Run("it allocates nothing", func(t *testing.T) { queueAllocates(t, p) })
}

// bench is a queue with the entries that it is told of.
type bench struct {
	t      *testing.T
	p      eviction.Queuer
	nodes  *queue.Nodes
	q      eviction.Queue
	own    int // nodes that the queue took for itself
	random *rand.Rand
	uses   map[uint32]int
	taken  []uint32 // the keys of uses
}

func newBench(t *testing.T, p eviction.Queuer) *bench {
	t.Helper()
	nodes, err := queue.NewNodes()
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.NewQueue(nodes)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, p: p, nodes: nodes, q: q, own: nodes.Len(), random: rand.New(rand.NewPCG(1, 2)), uses: map[uint32]int{}}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if err := nodes.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) insert(hash uint64) {
	node, ok := b.nodes.Take(hash)
	if !ok {
		b.t.Fatal("the pool is used up")
	}
	b.q.Insert(node)
	b.uses[node] = 0
	b.taken = append(b.taken, node)
	b.check(node)
}

// check asserts that a node is in a list if and only if its entry is there.
func (b *bench) check(node uint32) {
	b.t.Helper()
	_, there := b.uses[node]
	if in := b.nodes.ListOf(node) != 0; in != there {
		b.t.Fatalf("node %d: in a list %v, want %v", node, in, there)
	}
}

// gone is told of a node that the queue has let go of.
func (b *bench) gone(node uint32) {
	b.t.Helper()
	delete(b.uses, node)
	b.check(node)
	b.nodes.Give(node)
	for i, n := range b.taken {
		if n == node {
			last := len(b.taken) - 1
			b.taken[i] = b.taken[last]
			b.taken = b.taken[:last]
			return
		}
	}
}

// judge asks the queue about a node and says whether its entry went.
func (b *bench) judge(node uint32) bool {
	b.t.Helper()
	uses, there := b.uses[node]
	if !there {
		b.t.Fatalf("node %d is to be evicted, and was not inserted", node)
	}
	left, evict := b.q.Judge(node, uses)
	if evict {
		b.gone(node)
		return true
	}
	if left < 0 || left > uses {
		b.t.Fatalf("of %d uses, %d are left", uses, left)
	}
	b.uses[node] = left
	b.check(node)
	return false
}

// evict evicts one entry and returns how many were judged.
func (b *bench) evict() int {
	b.t.Helper()
	for n := 1; ; n++ {
		node := b.q.Next()
		if node == 0 {
			b.t.Fatalf("nothing to evict among %d entries", len(b.uses))
		}
		if b.judge(node) {
			return n
		}
		if most := (b.p.MaxUses() + 2) * (len(b.uses) + 1); n > most {
			b.t.Fatalf("%d judged among %d entries, and none went", n, len(b.uses))
		}
	}
}

// any is an entry that was inserted.
func (b *bench) any() uint32 { return b.taken[b.random.IntN(len(b.taken))] }

// listed does what a store does, in any order: also judging entries that are
// not the next ones, as where two threads evict at once.
func listed(t *testing.T, p eviction.Queuer) {
	b := newBench(t, p)
	for range 20_000 {
		switch op := b.random.IntN(10); {
		case len(b.taken) == 0 || op < 4 && len(b.taken) < 500:
			b.insert(b.random.Uint64N(5000) * 0x9e3779b97f4a7c15)
		case op < 6:
			node := b.any()
			b.uses[node] = min(b.uses[node]+1, p.MaxUses())
		case op < 7:
			node := b.any()
			b.q.Remove(node)
			b.gone(node)
		case op < 8:
			b.judge(b.any())
		default:
			b.evict()
		}
		if got, want := b.nodes.Len()-b.own, len(b.uses); got != want {
			t.Fatalf("%d nodes are taken for %d entries", got, want)
		}
		if len(b.uses) == 0 && b.q.Next() != 0 {
			t.Fatal("there is a next one of no entries")
		}
	}
	if n := b.q.Bytes(); n < 0 || n > 1<<20 {
		t.Errorf("%d bytes for %d entries", n, len(b.uses))
	}
}

// ends evicts although every entry is as much in use as can be told.
func ends(t *testing.T, p eviction.Queuer) {
	b := newBench(t, p)
	for i := range 500 {
		b.insert(uint64(i) * 0x9e3779b97f4a7c15)
	}
	for range 200 {
		for node := range b.uses {
			b.uses[node] = p.MaxUses()
		}
		b.evict()
	}
	if len(b.uses) != 300 {
		t.Errorf("%d entries left", len(b.uses))
	}
}

func drains(t *testing.T, p eviction.Queuer) {
	b := newBench(t, p)
	for i := range 2000 {
		b.insert(uint64(i) * 0x9e3779b97f4a7c15)
	}
	for len(b.uses) > 0 {
		b.evict()
	}
	if node := b.q.Next(); node != 0 {
		t.Errorf("node %d is next of no entries", node)
	}
}

func queueAllocates(t *testing.T, p eviction.Queuer) {
	b := newBench(t, p)
	hash := uint64(0)
	insert := func() {
		hash += 0x9e3779b97f4a7c15
		node, _ := b.nodes.Take(hash)
		b.q.Insert(node)
	}
	for range 10_000 {
		insert()
	}
	n := testing.AllocsPerRun(10_000, func() {
		for uses := p.MaxUses(); ; uses = max(uses-1, 0) {
			node := b.q.Next()
			if _, evict := b.q.Judge(node, uses); evict {
				b.nodes.Give(node)
				break
			}
		}
		insert()
	})
	if n != 0 {
		t.Errorf("an eviction and an insertion make %v allocations", n)
	}
}
