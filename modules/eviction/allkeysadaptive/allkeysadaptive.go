// Package allkeysadaptive is the policy that lets keys come back as far as that
// pays. It is resistant to scans, and to loops over more keys than there is
// room for.
//
// It is S3-FIFO (Yang and others, "FIFO queues are all you need for cache
// eviction", SOSP 2023) with a longer memory and an admission to main that
// learns. As there, a new key enters the small queue, moves to main if it is
// read twice before its end, and is evicted otherwise; at the end of main an
// entry that was read goes round again, with one use less. The hashes of all
// evicted keys are remembered, those of main too.
//
// A key that comes back while it is remembered enters main, in S3-FIFO always.
// With a long memory that is bad if more keys come back than main can keep
// until they are read: each displaces one that would have been read as well,
// and in the end none is. So here only a share of them is admitted, and the
// others begin in small again. Whether an admitted key is read before its first
// end of main makes the share grow or shrink: it settles where enough of them
// are, and main turns over slowly enough to keep them for so long. Admitting a
// share at random where all would thrash is the idea of Qureshi and others,
// "Adaptive insertion policies for high performance caching", ISCA 2007.
//
// Concurrency: the policy does not change once made; the store locks its queues.
package allkeysadaptive

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/modules/eviction/threequeues"
)

// ID is the module's ID.
const ID = "eviction.allkeys-adaptive"

func init() {
	eviction.Register(ID, "Full memory evicts what is not asked for soon again; what comes back is admitted as far as that pays (adaptive S3-FIFO)",
		"eviction.allkeys_adaptive", NewConfig, New)
}

const (
	// wanted is the share of the admitted keys that should be read in main. With
	// more, demand that moves to other keys is followed too slowly.
	wanted = 0.4
	// pace is by how much the share admitted may change while one admitted key
	// is judged for each entry that there is.
	pace = 4
	// leastAdmitted keeps some admitted, from which to learn of better times.
	leastAdmitted = 0.125
)

// Policy is an eviction.Policy.
type Policy struct {
	small float64 // share of the entries
	ghost float64 // as a share of the entries
}

var _ eviction.Queuer = (*Policy)(nil)

// New makes the policy of a valid config.
func New(c *Config) *Policy { return &Policy{small: c.Small, ghost: c.Ghost} }

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "allkeys-adaptive" }

// MaxUses is 3.
func (p *Policy) MaxUses() int { return threequeues.MaxUses }

// NewQueue makes the queues, which admit all at first.
func (p *Policy) NewQueue(nodes *queue.Nodes) (eviction.Queue, error) {
	q, err := threequeues.New(ID, nodes, p.small, p.ghost)
	if err != nil {
		return nil, err
	}
	return &queues{Queues: q, admitted: 1}, nil
}

// queues is an eviction.Queue and eviction.Fetcher. A marked node of main is that of an
// admitted key that was not judged yet.
type queues struct {
	threequeues.Queues
	admitted float64 // share of the keys that come back
	due      float64 // 1: the next one that comes back is admitted
}

// Insert puts a key that comes back into main if it is admitted, and others
// into small.
func (q *queues) Insert(node uint32) {
	if !q.Ghosts.Take(q.Nodes.Hash(node)) || !q.admit() {
		q.Nodes.Push(q.Small, node)
		return
	}
	q.Nodes.Push(q.Main, node)
	q.Nodes.Mark(node)
}

// admit spreads the share over those that ask, which is as good as a lot.
func (q *queues) admit() bool {
	q.due += q.admitted
	if q.due < 1 {
		return false
	}
	q.due--
	return true
}

// learn is told whether an admitted key was read in main.
func (q *queues) learn(read bool) {
	change := -wanted
	if read {
		change++
	}
	q.admitted = min(max(q.admitted+change*pace/float64(q.Len()+1), leastAdmitted), 1)
}

// Judge moves what was read on, and evicts and remembers the rest.
func (q *queues) Judge(node uint32, uses int) (left int, evict bool) {
	if q.Nodes.Marked(node) {
		q.learn(uses > 0)
	}
	left, _, kept := q.Keep(node, uses)
	if !kept {
		q.Remember(node)
	}
	return left, !kept
}
