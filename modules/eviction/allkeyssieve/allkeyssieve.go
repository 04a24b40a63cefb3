// Package allkeyssieve is the policy that sifts one queue: a hand goes from the
// oldest entry to the newest, clears the mark of those that were read and
// evicts the first that was not. What stays keeps its place, so that new keys
// are sifted soon and old ones in demand are left alone. It costs one bit for
// each key and no work for a read of a marked one.
//
// It is SIEVE of Zhang, Yang, Yue, Vigfusson, Rashmi: "SIEVE is simpler than
// LRU", NSDI 2024.
//
// Concurrency: the policy has no state; the store locks its queues.
package allkeyssieve

import (
	"errors"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
)

// ID is the module's ID.
const ID = "eviction.allkeys-sieve"

func init() {
	eviction.RegisterPlain(ID, "Full memory evicts the oldest key that was not read since the last time round (SIEVE)", New)
}

// Policy is an eviction.Policy.
type Policy struct{}

var _ eviction.Queuer = Policy{}

// New makes the policy.
func New() Policy { return Policy{} }

// Name is the policy's name in the configuration.
func (Policy) Name() string { return "allkeys-sieve" }

// MaxUses is 1: an entry was read, or not.
func (Policy) MaxUses() int { return 1 }

// NewQueue makes the queue.
func (Policy) NewQueue(nodes *queue.Nodes) (eviction.Queue, error) {
	list, ok := nodes.NewList()
	hand, ok2 := nodes.Take(0)
	if !ok || !ok2 {
		return nil, errors.New(ID + ": no memory for its queue")
	}
	nodes.Push(list, hand)
	return &sieve{nodes: nodes, list: list, hand: hand}, nil
}

// sieve is an eviction.Queue. The hand is a node of the list, behind the entry that
// is judged next, so that it needs no care when that entry goes. Past the
// newest entry it goes back behind the oldest one at once: what is inserted
// meanwhile has to wait for its turn.
type sieve struct {
	nodes *queue.Nodes
	list  queue.List
	hand  uint32
}

// Insert adds the newest entry.
func (s *sieve) Insert(node uint32) { s.nodes.Push(s.list, node) }

// Remove takes a deleted entry out of the queue.
func (s *sieve) Remove(node uint32) {
	s.nodes.Unlink(node)
	s.rewind()
}

// Next is the entry before the hand, on the side of the newer ones.
func (s *sieve) Next() uint32 { return s.nodes.Before(s.hand) }

// Judge evicts an entry that was not read and moves the hand past it in any
// case.
func (s *sieve) Judge(node uint32, uses int) (left int, evict bool) {
	s.nodes.Unlink(s.hand)
	s.nodes.InsertBefore(s.hand, node)
	if evict = uses == 0; evict {
		s.nodes.Unlink(node)
	}
	s.rewind()
	return max(uses-1, 0), evict
}

func (s *sieve) rewind() {
	if s.nodes.Before(s.hand) == 0 {
		s.nodes.Unlink(s.hand)
		s.nodes.PushBack(s.list, s.hand)
	}
}

// Bytes is 0: the nodes are all there is.
func (s *sieve) Bytes() int64 { return 0 }

// Close has nothing to give back.
func (s *sieve) Close() error { return nil }
