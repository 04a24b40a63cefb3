// Package allkeyss3fifo is the policy that sends new keys through a small queue
// first: what is not asked for there soon leaves, and never displaces what is
// asked for again and again. It is resistant to scans.
//
// It is S3-FIFO of Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need
// for cache eviction", SOSP 2023. Three queues: small, a tenth of the entries; main, the others;
// ghosts, the hashes of the keys that left from small lately. A new key enters
// small, or main if its hash is among the ghosts. At the end of small an entry
// that was read at least twice moves to main, the others are evicted. At the
// end of main an entry that was read goes round again, with one use less.
//
// What differs: the sizes of the queues follow from the number of entries that
// memory holds, since that is what is limited. A ghost is a fingerprint, which
// another key may share in rare cases.
//
// Concurrency: the policy does not change once made; the store locks its queues.
package allkeyss3fifo

import (
	"errors"

	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/core/store"
)

// ID is the module's ID.
const ID = "eviction.allkeys-s3fifo"

const (
	// maxUses is how many reads are counted: two bits, as in the paper.
	maxUses = 3
	// promoteAt is how many reads move an entry from small to main.
	promoteAt = 2
)

// Policy is a store.Policy.
type Policy struct {
	small float64 // share of the entries
	ghost float64 // as a share of the entries
}

var _ store.Queuer = (*Policy)(nil)

// New makes the policy of a valid config.
func New(c *Config) *Policy { return &Policy{small: c.Small, ghost: c.Ghost} }

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "allkeys-s3fifo" }

// MaxUses is 3.
func (p *Policy) MaxUses() int { return maxUses }

// NewQueue makes the three queues.
func (p *Policy) NewQueue(nodes *queue.Nodes) (store.Queue, error) {
	small, ok := nodes.NewList()
	main, ok2 := nodes.NewList()
	if !ok || !ok2 {
		return nil, errors.New(ID + ": no memory for its queues")
	}
	ghosts, err := queue.NewGhosts()
	if err != nil {
		return nil, errors.Join(errors.New(ID+": no memory for its ghosts"), err)
	}
	return &threeQueues{policy: p, nodes: nodes, small: small, main: main, ghosts: ghosts}, nil
}

// threeQueues is a store.Queue and store.Warmer.
type threeQueues struct {
	policy      *Policy
	nodes       *queue.Nodes
	small, main queue.List
	ghosts      *queue.Ghosts
	// from is the queue that the eviction under way takes from; 0: it begins.
	from queue.List
}

func (q *threeQueues) len() int { return q.nodes.Length(q.small) + q.nodes.Length(q.main) }

// mostSmall is how many entries small should have.
func (q *threeQueues) mostSmall() int { return int(float64(q.len()) * q.policy.small) }

// Insert puts a key that was evicted lately into main and others into small.
func (q *threeQueues) Insert(node uint32) {
	if q.ghosts.Take(q.nodes.Hash(node)) {
		q.nodes.Push(q.main, node)
		return
	}
	q.nodes.Push(q.small, node)
}

// Warm reads where the ghosts would have the hash.
func (q *threeQueues) Warm(hash uint64) (noise uint64) { return q.ghosts.Warm(hash) }

// Remove takes a deleted entry out of its queue.
func (q *threeQueues) Remove(node uint32) { q.nodes.Unlink(node) }

// Next is the end of main if that has more than its share, and of small
// otherwise.
func (q *threeQueues) Next() uint32 {
	if q.from == 0 || q.nodes.Length(q.from) == 0 {
		q.from = q.small
		if q.nodes.Length(q.main) > q.len()-q.mostSmall() || q.nodes.Length(q.small) == 0 {
			q.from = q.main
		}
	}
	return q.nodes.Back(q.from)
}

// Judge moves what was read on, and evicts the rest.
func (q *threeQueues) Judge(node uint32, uses int) (left int, evict bool) {
	in := q.nodes.ListOf(node)
	q.nodes.Unlink(node)
	switch {
	case in == q.small && uses >= promoteAt:
		q.nodes.Push(q.main, node)
		return 0, false
	case in == q.main && uses > 0:
		q.nodes.Push(q.main, node)
		return uses - 1, false
	case in == q.small:
		q.ghosts.Add(q.nodes.Hash(node), int(float64(q.len()+1)*q.policy.ghost))
	}
	q.from = 0
	return 0, true
}

// Bytes is the memory of the ghosts.
func (q *threeQueues) Bytes() int64 { return q.ghosts.Bytes() }

// Close gives the ghosts' memory back.
func (q *threeQueues) Close() error { return q.ghosts.Close() }
