package eviction

import "github.com/redistill-go/redistill/core/queue"

// MaxUses is the most uses of an entry that can be counted for a Queuer.
const MaxUses = 3

// Queuer is a Policy that keeps entries in queues. The store divides its shards
// into groups, of which each has a Queue and one pool of nodes; entries are
// evicted from each group in the order that its Queue gives.
type Queuer interface {
	Policy
	// MaxUses is up to how many reads of an entry are counted until Judge is
	// asked about it, 1 to MaxUses. Reads beyond that write no memory.
	MaxUses() int
	// NewQueue makes an empty Queue over the nodes, which are the store's. It
	// fails for want of memory.
	NewQueue(nodes *queue.Nodes) (Queue, error)
}

// Queue is the order of one group's entries, by their nodes. The store calls it
// with the group's lock held, so that a Queue needs none of its own.
type Queue interface {
	// Insert adds the node of a new entry, which is in no list.
	Insert(node uint32)
	// Remove takes the node of an entry that was deleted out of its list. The
	// store then gives it back.
	Remove(node uint32)
	// Next is the node whose entry would be evicted next, if its uses allow;
	// 0: there is none.
	Next() uint32
	// Judge says whether the entry is evicted, given the reads since it was
	// inserted or last judged. If so, its node is in no list any more.
	// Otherwise the node is in its new place, and left is the count of uses
	// that the entry goes on with. The node is one that Next gave some time
	// ago; other entries may have been inserted, judged or removed since.
	Judge(node uint32, uses int) (left int, evict bool)
	// Bytes is how much memory the queue holds beside the nodes.
	Bytes() int64
	// Close gives that memory back.
	Close() error
}

// Fetcher is a Queue that keeps something by hash. Fetch pulls what Insert and
// Judge will need for an entry with this hash towards the processor, without
// waiting for it. It is called some time before those.
type Fetcher interface {
	Fetch(hash uint64)
}
