package queue

import "github.com/redistill-go/redistill/core/sys"

// A pool gives memory back from its end: the highest node is dropped if nobody
// uses it; otherwise its entry lets go of it for another one, which is lower.
// Between two steps the pool may be used as ever.

const (
	// spareShare is how many nodes a pool may keep unused: 1 to so many that
	// are used,
	spareShare = 8
	// spareMin and some.
	spareMin = 1 << 13
)

// Spacious says whether so many nodes are unused that it is worth while to
// make do with fewer. Once begun, it is told to go on a little further.
func (n *Nodes) Spacious(begun bool) bool {
	spare, used := n.Length(unused), n.Len()
	if begun {
		return spare > used/spareShare/2+spareMin/2
	}
	return spare > used/spareShare+spareMin
}

// DropLast drops the highest node if it is unused. Otherwise it returns the
// node, which Move can replace.
func (n *Nodes) DropLast() (node uint32, dropped bool) {
	last := n.top - 1
	if n.ListOf(last) != unused {
		return last, false
	}
	n.Unlink(last)
	n.top--
	return last, true
}

// Move gives a node of a list up for an unused one, which takes its place, and
// returns that one. It fails if none is unused.
func (n *Nodes) Move(node uint32) (to uint32, ok bool) {
	if to = n.Back(unused); to == 0 {
		return 0, false
	}
	n.Unlink(to)
	n.setHash(to, n.Hash(node))
	w := n.links(node)
	n.setLinks(to, w)
	n.setNext(uint32(w&linkMask), to)
	n.setPrev(uint32(w>>linkBits&linkMask), to)
	n.Give(node)
	return to, true
}

// Release returns the memory of the nodes that were dropped.
func (n *Nodes) Release() error {
	from, to := sys.PageUp(uint64(n.top)*nodeSize), sys.PageUp(n.touched)
	if from >= to {
		return nil
	}
	n.touched = from
	return n.mem.Release(from, to-from)
}
