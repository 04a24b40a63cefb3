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
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/modules/eviction/threequeues"
)

// ID is the module's ID.
const ID = "eviction.allkeys-s3fifo"

func init() {
	eviction.Register(ID, "Full memory evicts what is not asked for soon again, by three queues (S3-FIFO)",
		"eviction.allkeys_s3fifo", NewConfig, New)
}

// Policy is an eviction.Policy.
type Policy struct {
	small float64 // share of the entries
	ghost float64 // as a share of the entries
}

var _ eviction.Queuer = (*Policy)(nil)

// New makes the policy of a valid config.
func New(c *Config) *Policy { return &Policy{small: c.Small, ghost: c.Ghost} }

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "allkeys-s3fifo" }

// MaxUses is 3.
func (p *Policy) MaxUses() int { return threequeues.MaxUses }

// NewQueue makes the three queues.
func (p *Policy) NewQueue(nodes *queue.Nodes) (eviction.Queue, error) {
	q, err := threequeues.New(ID, nodes, p.small, p.ghost)
	if err != nil {
		return nil, err
	}
	return &queues{q}, nil
}

// queues is an eviction.Queue and eviction.Fetcher.
type queues struct{ threequeues.Queues }

// Insert puts a key that was evicted lately into main and others into small.
func (q *queues) Insert(node uint32) {
	if q.Ghosts.Take(q.Nodes.Hash(node)) {
		q.Nodes.Push(q.Main, node)
		return
	}
	q.Nodes.Push(q.Small, node)
}

// Judge moves what was read on, and evicts the rest.
func (q *queues) Judge(node uint32, uses int) (left int, evict bool) {
	left, in, kept := q.Keep(node, uses)
	if !kept && in == q.Small {
		q.Remember(node)
	}
	return left, !kept
}
