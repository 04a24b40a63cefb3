package queue

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/sys"
)

// A node in memory, in words of 8 bytes:
//
//	links   previous 24 | next 24 | list 15 | mark 1
//	hash    of the entry's key; of a sentinel: the length of its list
const (
	nodeWords = 2
	nodeSize  = nodeWords * 8
	linkBits  = 24
	linkMask  = 1<<linkBits - 1
	listShift = 2 * linkBits
	listMask  = 1<<15 - 1
	markBit   = 1 << 63

	// MaxNodes is the largest number of nodes in a pool: node numbers have 22
	// bits, and 0 is none.
	MaxNodes = 1<<22 - 1

	// unused is the list of the nodes below top that are not taken.
	unused List = 1
	// loose marks a node that was taken and is in no list.
	loose = 0
)

// Nodes is a pool of nodes. Make one with NewNodes.
type Nodes struct {
	mem       sys.Region
	committed uint64
	touched   uint64 // bytes that may be backed by memory
	top       uint32 // nodes from this one on were never taken, or dropped
}

// NewNodes makes an empty pool. Its address space costs no memory.
func NewNodes() (*Nodes, error) {
	mem, err := sys.Reserve((MaxNodes + 1) * nodeSize)
	if err != nil {
		return nil, fmt.Errorf("nodes of an eviction policy: %w", err)
	}
	n := &Nodes{mem: mem, top: uint32(unused)}
	if n.top, err = n.extend(); err != nil {
		return nil, errors.Join(err, mem.Close())
	}
	n.setLinks(uint32(unused), links(uint32(unused), uint32(unused), uint64(unused)))
	return n, nil
}

// extend makes one more node usable and returns the new top.
func (n *Nodes) extend() (top uint32, err error) {
	end := (uint64(n.top) + 1) * nodeSize
	if end > n.committed {
		if err := n.mem.CommitSparse(n.committed, sys.HugePage); err != nil {
			return n.top, fmt.Errorf("nodes of an eviction policy: %w", err)
		}
		n.committed += sys.HugePage
	}
	n.touched = max(n.touched, end)
	return n.top + 1, nil
}

// Close gives the memory back. No list may be used afterwards.
func (n *Nodes) Close() error { return n.mem.Close() }

// Len is the number of nodes that are taken, sentinels of lists included.
func (n *Nodes) Len() int { return int(n.top) - int(unused) - 1 - n.Length(unused) }

// Bytes is how much memory the nodes hold.
func (n *Nodes) Bytes() int64 { return int64(sys.PageUp(n.touched)) }

func (n *Nodes) links(i uint32) uint64       { return n.mem.Load(uint64(i) * nodeSize) }
func (n *Nodes) setLinks(i uint32, w uint64) { n.mem.Store(uint64(i)*nodeSize, w) }

func (n *Nodes) next(i uint32) uint32 { return uint32(n.links(i) >> linkBits & linkMask) }
func (n *Nodes) prev(i uint32) uint32 { return uint32(n.links(i) & linkMask) }

func (n *Nodes) setNext(i, to uint32) {
	n.setLinks(i, n.links(i)&^(linkMask<<linkBits)|uint64(to)<<linkBits)
}

func (n *Nodes) setPrev(i, to uint32) { n.setLinks(i, n.links(i)&^linkMask|uint64(to)) }

func (n *Nodes) list(i uint32) uint64 { return n.links(i) >> listShift & listMask }

func links(prev, next uint32, list uint64) uint64 {
	return uint64(prev) | uint64(next)<<linkBits | list<<listShift
}

// Hash is what the node was taken for.
func (n *Nodes) Hash(i uint32) uint64 { return n.mem.Load(uint64(i)*nodeSize + 8) }

func (n *Nodes) setHash(i uint32, h uint64) { n.mem.Store(uint64(i)*nodeSize+8, h) }

// Take takes a node for an entry whose key has this hash. It fails if there is
// no number or no memory left.
func (n *Nodes) Take(hash uint64) (node uint32, ok bool) {
	if node = n.Back(unused); node != 0 {
		n.Unlink(node)
	} else {
		if n.top > MaxNodes {
			return 0, false
		}
		top, err := n.extend()
		if err != nil {
			return 0, false
		}
		node, n.top = n.top, top
		n.setLinks(node, links(0, 0, loose))
	}
	n.setHash(node, hash)
	return node, true
}

// Give gives a node back that is in no list.
func (n *Nodes) Give(node uint32) { n.PushBack(unused, node) }

// List is a list of nodes of a pool, named by its sentinel. The zero List is
// none.
type List uint32

// NewList makes an empty list. It fails if the pool has no node left, or only
// nodes that are too high for a list; so lists are made first.
func (n *Nodes) NewList() (List, bool) {
	s, ok := n.Take(0)
	if ok && s > listMask {
		n.Give(s)
		return 0, false
	}
	if ok {
		n.setLinks(s, links(s, s, uint64(s)))
	}
	return List(s), ok
}

// Length is how many nodes the list has.
func (n *Nodes) Length(l List) int { return int(n.Hash(uint32(l))) }

// ListOf is the list that the node is in; 0: none.
func (n *Nodes) ListOf(node uint32) List { return List(n.list(node)) }

// Push puts a node that is in no list at the front.
func (n *Nodes) Push(l List, node uint32) { n.insert(l, uint32(l), node) }

// PushBack puts a node that is in no list at the back.
func (n *Nodes) PushBack(l List, node uint32) { n.insert(l, n.prev(uint32(l)), node) }

// insert puts a node behind another.
func (n *Nodes) insert(l List, before, node uint32) {
	after := n.next(before)
	n.setLinks(node, links(before, after, uint64(l)))
	n.setNext(before, node)
	n.setPrev(after, node)
	n.setHash(uint32(l), n.Hash(uint32(l))+1)
}

// InsertBefore puts a node that is in no list next to another one, on the side
// of the front.
func (n *Nodes) InsertBefore(node, beside uint32) {
	n.insert(n.ListOf(beside), n.prev(beside), node)
}

// Unlink takes a node out of its list.
func (n *Nodes) Unlink(node uint32) {
	w := n.links(node)
	prev, next, l := uint32(w&linkMask), uint32(w>>linkBits&linkMask), uint32(w>>listShift&listMask)
	n.setNext(prev, next)
	n.setPrev(next, prev)
	n.setHash(l, n.Hash(l)-1)
	n.setLinks(node, links(0, 0, loose))
}

// Mark marks a node of a list until it is taken out of that.
func (n *Nodes) Mark(node uint32) { n.setLinks(node, n.links(node)|markBit) }

// Marked says whether the node is marked.
func (n *Nodes) Marked(node uint32) bool { return n.links(node)&markBit != 0 }

// Back is the node at the back of the list; 0: it is empty.
func (n *Nodes) Back(l List) uint32 {
	if b := n.prev(uint32(l)); b != uint32(l) {
		return b
	}
	return 0
}

// Before is the node next to this one on the side of the front; 0: this one is
// at the front.
func (n *Nodes) Before(node uint32) uint32 {
	if p := n.prev(node); uint64(p) != n.list(node) {
		return p
	}
	return 0
}
