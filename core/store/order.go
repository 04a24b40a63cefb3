package store

import (
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/queue"
)

// order is one group's queue with its lock, which comes after those of shards.
type order struct {
	mu     sync.Mutex
	queuer Queuer
	nodes  *queue.Nodes // nil: nothing was inserted yet
	queue  Queue
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
	return true
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
	o.queue.Insert(node)
	o.count.Add(1)
	o.weigh()
	return node
}

func (o *order) remove(node uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return
	}
	o.queue.Remove(node)
	o.nodes.Give(node)
	o.count.Add(-1)
}

// next is the entry that would go next.
func (o *order) next() (node uint32, hash uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return 0, 0
	}
	if node = o.queue.Next(); node != 0 {
		hash = o.nodes.Hash(node)
	}
	return node, hash
}

// judge asks the queue about an entry that next gave, whose shard is locked.
func (o *order) judge(node uint32, uses int) (left int, evict bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	left, evict = o.queue.Judge(node, uses)
	if evict {
		o.nodes.Give(node)
		o.count.Add(-1)
		o.weigh()
	}
	return left, evict
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
	o.nodes, o.queue = nil, nil
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
