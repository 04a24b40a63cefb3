package store

import "github.com/redistill-go/redistill/core/queue"

// Recency is the 24 bits that every entry keeps for the eviction policy. What
// they mean is the policy's business: a clock for LRU, a counter for LFU. For a
// policy with queues they are the number of the entry's node and how often the
// entry was read, see keep.go.
type Recency uint32

// RecencyMask is the range of a Recency.
const RecencyMask = 1<<24 - 1

// Candidate is an entry that a policy judges.
type Candidate struct {
	Recency  Recency
	ExpireAt int64 // ms since the Unix epoch; 0: never
}

// Policy decides which entries go when memory is full. It is a Sampler or a
// Queuer; a policy that is neither never evicts, and writes are refused when
// memory is full.
//
// All methods may be called from any goroutine, some of them with a shard
// locked: they must be quick, must not block and must not call the store.
type Policy interface {
	// Name is the value of memory.eviction and of Redis's maxmemory-policy,
	// as in "allkeys-lru".
	Name() string
}

// Sampler is a Policy that ranks entries. The store draws some at random and
// evicts the one with the highest rank. The policy decides what is remembered
// of each access, holds no reference to entries and takes no locks.
type Sampler interface {
	Policy
	// Samples is how many entries the store draws for one eviction, 1 to 64.
	Samples() int
	// ReadSampling is one in how many reads reports to Touch: 1 is every read,
	// 10 is every tenth, 0 is none. Reads that do not report write no memory.
	ReadSampling() uint32
	// Insert is the recency of a new entry. now is in milliseconds since the
	// Unix epoch.
	Insert(now int64) Recency
	// Touch is the recency of an entry that was read or replaced, given what
	// it was.
	Touch(r Recency, now int64) Recency
	// Rank orders candidates, the highest goes first; ok is false for an entry
	// that this policy never evicts, which it may say of all entries without
	// an expiry, and of others only if it says so of those.
	Rank(c Candidate, now int64) (rank uint64, ok bool)
}

// Renewer is a Sampler that wants reads to be reported where it matters: those
// of an entry that would soon be evicted for want of them.
type Renewer interface {
	Sampler
	// Stale says of an entry that is read whether Touch is to be called, in
	// the sample or not. rank is the mean rank of the entries evicted lately; 0:
	// none was yet.
	Stale(r Recency, now int64, rank uint64) bool
}

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

// Quiet says whether Get leaves out telling the eviction policy from now on,
// until it is called again. The shard is locked.
func (sh *Shard) Quiet(on bool) { sh.quiet = on }
