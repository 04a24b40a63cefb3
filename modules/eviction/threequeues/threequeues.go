// Package threequeues is what S3-FIFO and its kin have in common: a small queue
// that new keys go through, main, and ghosts, the hashes of evicted keys.
//
// Invariants: a node is in small, in main or in no list; ghosts are not counted
// as entries.
//
// Concurrency: none of its own; the store locks a group's queues.
package threequeues

import (
	"errors"

	"github.com/redistill-go/redistill/core/queue"
)

const (
	// MaxUses is how many reads are counted: two bits, as in the paper.
	MaxUses = 3
	// promoteAt is how many reads move an entry from small to main.
	promoteAt = 2
)

// Queues are the three. Together with Insert and Judge they are an eviction.Queue
// and an eviction.Fetcher.
type Queues struct {
	Nodes       *queue.Nodes
	Small, Main queue.List
	Ghosts      *queue.Ghosts

	small, ghost float64 // shares of the entries
	// from is the queue that the eviction under way takes from; 0: it begins.
	from queue.List
}

// New makes empty queues, of which small and the ghosts should have such shares
// of the entries. id is the module's, for errors.
func New(id string, nodes *queue.Nodes, small, ghost float64) (Queues, error) {
	q := Queues{Nodes: nodes, small: small, ghost: ghost}
	var ok, ok2 bool
	q.Small, ok = nodes.NewList()
	q.Main, ok2 = nodes.NewList()
	if !ok || !ok2 {
		return q, errors.New(id + ": no memory for its queues")
	}
	var err error
	if q.Ghosts, err = queue.NewGhosts(); err != nil {
		return q, errors.Join(errors.New(id+": no memory for its ghosts"), err)
	}
	return q, nil
}

// Len is how many entries there are.
func (q *Queues) Len() int { return q.Nodes.Length(q.Small) + q.Nodes.Length(q.Main) }

// mostSmall is how many entries small should have.
func (q *Queues) mostSmall() int { return int(float64(q.Len()) * q.small) }

// Remove takes a deleted entry out of its queue.
func (q *Queues) Remove(node uint32) { q.Nodes.Unlink(node) }

// Next is the end of main if that has more than its share, and of small
// otherwise.
func (q *Queues) Next() uint32 {
	if q.from == 0 || q.Nodes.Length(q.from) == 0 {
		q.from = q.Small
		if q.Nodes.Length(q.Main) > q.Len()-q.mostSmall() || q.Nodes.Length(q.Small) == 0 {
			q.from = q.Main
		}
	}
	return q.Nodes.Back(q.from)
}

// Keep moves an entry that was read on, with the uses that it has left.
// Otherwise it takes the entry out of the queue that it is in, to be evicted.
func (q *Queues) Keep(node uint32, uses int) (left int, in queue.List, kept bool) {
	in = q.Nodes.ListOf(node)
	q.Nodes.Unlink(node)
	switch {
	case in == q.Small && uses >= promoteAt:
		q.Nodes.Push(q.Main, node)
		return 0, in, true
	case in == q.Main && uses > 0:
		q.Nodes.Push(q.Main, node)
		return uses - 1, in, true
	}
	q.from = 0
	return 0, in, false
}

// Remember adds the hash of an evicted entry to the ghosts.
func (q *Queues) Remember(node uint32) {
	q.Ghosts.Add(q.Nodes.Hash(node), int(float64(q.Len()+1)*q.ghost))
}

// Fetch pulls the place that the ghosts have for the hash.
func (q *Queues) Fetch(hash uint64) { q.Ghosts.Fetch(hash) }

// Bytes is the memory of the ghosts.
func (q *Queues) Bytes() int64 { return q.Ghosts.Bytes() }

// Close gives the ghosts' memory back.
func (q *Queues) Close() error { return q.Ghosts.Close() }
