package policy

import (
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
)

// Group is a group of shards whose entries are in one queue. All methods but Queue may be
// called from any goroutine.
type Group struct {
	mu      sync.Mutex
	queuer  eviction.Queuer
	nodes   *queue.Nodes // nil: nothing was inserted yet
	queue   eviction.Queue
	fetcher eviction.Fetcher // nil: the queue is none
	// fresh are nodes that are still to be inserted, all at once.
	fresh   [freshAtOnce]uint32
	nfresh  int
	closed  bool
	count   atomic.Int64  // entries in the queue
	counted int64         // bytes, as last added to bytes
	bytes   *atomic.Int64 // of all groups
	_       [64]byte      // keeps neighbours' locks off this cache line
}

// Len is how many entries are in the queue. It takes no lock.
func (g *Group) Len() int { return int(g.count.Load()) }

// Bytes is how much memory the queue holds.
func (g *Group) Bytes() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.counted
}

// Queue is the queue and its nodes, with all entries in it; nil: it has none. It is for
// tests: nobody else may use the group meanwhile.
func (g *Group) Queue() (eviction.Queue, *queue.Nodes) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		return nil, nil
	}
	g.settle()
	return g.queue, g.nodes
}

// open makes the queue. It fails for want of memory.
func (g *Group) open() bool {
	if g.nodes != nil || g.closed {
		return !g.closed
	}
	nodes, err := queue.NewNodes()
	if err != nil {
		return false
	}
	q, err := g.queuer.NewQueue(nodes)
	if err != nil {
		_ = nodes.Close() // there is nothing to be done about it
		return false
	}
	g.nodes, g.queue = nodes, q
	g.fetcher, _ = q.(eviction.Fetcher)
	return true
}

// freshAtOnce is how many new entries the queue gets to know at once, so that
// their misses overlap. Nobody else sees it without them, see settle.
const freshAtOnce = 16

// settle inserts the entries that are new. The lock is held.
func (g *Group) settle() {
	for _, node := range g.fresh[:g.nfresh] {
		g.queue.Insert(node)
	}
	g.nfresh = 0
}

// Insert adds a new entry and returns its node; 0: there is no memory for one,
// and the entry goes when it is drawn at random.
func (g *Group) Insert(hash uint64) uint32 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open() {
		return 0
	}
	node, ok := g.nodes.Take(hash)
	if !ok {
		return 0
	}
	if g.fetcher != nil {
		g.fetcher.Fetch(hash)
	}
	g.fresh[g.nfresh] = node
	if g.nfresh++; g.nfresh == len(g.fresh) {
		g.settle()
		g.weigh()
	}
	g.count.Add(1)
	return node
}

// Remove takes the node of an entry that has gone out of the queue.
func (g *Group) Remove(node uint32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		return
	}
	g.settle()
	g.queue.Remove(node)
	g.nodes.Give(node)
	g.count.Add(-1)
}

// Next is the entry that would go next.
func (g *Group) Next() (node uint32, hash uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.nextLocked()
}

func (g *Group) nextLocked() (node uint32, hash uint64) {
	if g.nodes == nil {
		return 0, 0
	}
	g.settle()
	if node = g.queue.Next(); node != 0 {
		hash = g.nodes.Hash(node)
	}
	return node, hash
}

// Ahead writes the hashes of the entries that would go next if each went, and
// returns how many there are.
func (g *Group) Ahead(hashes []uint64) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		return 0
	}
	g.settle()
	for node := g.queue.Next(); node != 0 && n < len(hashes); node = g.nodes.Before(node) {
		hashes[n] = g.nodes.Hash(node)
		if g.fetcher != nil {
			g.fetcher.Fetch(hashes[n])
		}
		n++
	}
	return n
}

// Judge asks the queue about an entry that Next gave, whose shard is locked. It
// also returns the entry that is next then.
func (g *Group) Judge(node uint32, uses int) (left int, evict bool, after uint32, hash uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle()
	left, evict = g.queue.Judge(node, uses)
	if evict {
		g.nodes.Give(node)
		g.count.Add(-1)
		g.weigh()
	}
	after, hash = g.nextLocked()
	return left, evict, after, hash
}

// weigh keeps count of the memory.
func (g *Group) weigh() {
	now := int64(0)
	if g.nodes != nil {
		now = g.nodes.Bytes() + g.queue.Bytes()
	}
	if now != g.counted {
		g.bytes.Add(now - g.counted)
		g.counted = now
	}
}

// Flush forgets all entries. The memory goes back when the caller calls
// release, which is nil if there is none.
func (g *Group) Flush() (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		return nil
	}
	nodes, q := g.nodes, g.queue
	g.nodes, g.queue, g.nfresh = nil, nil, 0
	g.count.Store(0)
	g.weigh()
	return func() {
		// Address space that can't be returned stays, with nothing in it.
		_, _ = q.Close(), nodes.Close()
	}
}

// close ends the queue. Whoever still knows the group finds it empty.
func (g *Group) close() {
	if release := g.Flush(); release != nil {
		release()
	}
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
}
