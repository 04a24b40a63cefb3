package store

import (
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
)

// order is one group's queue with its lock, which comes after those of shards.
type order struct {
	mu      sync.Mutex
	queuer  eviction.Queuer
	nodes   *queue.Nodes // nil: nothing was inserted yet
	queue   eviction.Queue
	fetcher eviction.Fetcher // nil: the queue is none
	// fresh are nodes that are still to be inserted, all at once.
	fresh  [freshAtOnce]uint32
	nfresh int
	closed bool
	count  atomic.Int64  // entries in the queue
	held   int64         // bytes, as last added to bytes
	bytes  *atomic.Int64 // of all groups
	_      [64]byte      // keeps neighbours' locks off this cache line
}

// open makes the queue. It fails for want of memory.
func (o *order) open() bool {
	if o.nodes != nil || o.closed {
		return !o.closed
	}
	nodes, err := queue.NewNodes()
	if err != nil {
		return false
	}
	q, err := o.queuer.NewQueue(nodes)
	if err != nil {
		_ = nodes.Close() // there is nothing to be done about it
		return false
	}
	o.nodes, o.queue = nodes, q
	o.fetcher, _ = q.(eviction.Fetcher)
	return true
}

// freshAtOnce is how many new entries the queue gets to know at once, so that
// their misses overlap. Nobody else sees it without them, see settle.
const freshAtOnce = 16

// settle inserts the entries that are new. The lock is held.
func (o *order) settle() {
	for _, node := range o.fresh[:o.nfresh] {
		o.queue.Insert(node)
	}
	o.nfresh = 0
}

// insert adds a new entry and returns its node; 0: there is no memory for one,
// and the entry goes when it is drawn at random.
func (o *order) insert(hash uint64) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open() {
		return 0
	}
	node, ok := o.nodes.Take(hash)
	if !ok {
		return 0
	}
	if o.fetcher != nil {
		o.fetcher.Fetch(hash)
	}
	o.fresh[o.nfresh] = node
	if o.nfresh++; o.nfresh == len(o.fresh) {
		o.settle()
		o.weigh()
	}
	o.count.Add(1)
	return node
}

func (o *order) remove(node uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return
	}
	o.settle()
	o.queue.Remove(node)
	o.nodes.Give(node)
	o.count.Add(-1)
}

// next is the entry that would go next.
func (o *order) next() (node uint32, hash uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.nextLocked()
}

func (o *order) nextLocked() (node uint32, hash uint64) {
	if o.nodes == nil {
		return 0, 0
	}
	o.settle()
	if node = o.queue.Next(); node != 0 {
		hash = o.nodes.Hash(node)
	}
	return node, hash
}

// ahead writes the hashes of the entries that would go next if each went, and
// returns how many there are.
func (o *order) ahead(hashes []uint64) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return 0
	}
	o.settle()
	for node := o.queue.Next(); node != 0 && n < len(hashes); node = o.nodes.Before(node) {
		hashes[n] = o.nodes.Hash(node)
		if o.fetcher != nil {
			o.fetcher.Fetch(hashes[n])
		}
		n++
	}
	return n
}

// judge asks the queue about an entry that next gave, whose shard is locked. It
// also returns the entry that is next then.
func (o *order) judge(node uint32, uses int) (left int, evict bool, after uint32, hash uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	left, evict = o.queue.Judge(node, uses)
	if evict {
		o.nodes.Give(node)
		o.count.Add(-1)
		o.weigh()
	}
	after, hash = o.nextLocked()
	return left, evict, after, hash
}

// weigh keeps count of the memory.
func (o *order) weigh() {
	held := int64(0)
	if o.nodes != nil {
		held = o.nodes.Bytes() + o.queue.Bytes()
	}
	if held != o.held {
		o.bytes.Add(held - o.held)
		o.held = held
	}
}

// flush forgets all entries. The memory goes back when the caller calls
// release, which is nil if there is none.
func (o *order) flush() (release func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return nil
	}
	nodes, q := o.nodes, o.queue
	o.nodes, o.queue, o.nfresh = nil, nil, 0
	o.count.Store(0)
	o.weigh()
	return func() {
		// Address space that can't be returned stays, with nothing in it.
		_, _ = q.Close(), nodes.Close()
	}
}

// close ends the queue. Whoever still knows the group finds it empty.
func (o *order) close() {
	if release := o.flush(); release != nil {
		release()
	}
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
}
