package queue

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func newNodes(t *testing.T) *Nodes {
	t.Helper()
	n, err := NewNodes()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func newList(t *testing.T, n *Nodes) List {
	t.Helper()
	l, ok := n.NewList()
	if !ok {
		t.Fatal("no list")
	}
	return l
}

// read is the list from front to back.
func read(n *Nodes, l List) []uint32 {
	var nodes []uint32
	for i := n.Back(l); i != 0; i = n.Before(i) {
		nodes = append(nodes, i)
	}
	slices.Reverse(nodes)
	return nodes
}

// Lists behave like slices, also while the pool shrinks.
func TestListsBehaveLikeSlices(t *testing.T) {
	n := newNodes(t)
	lists := []List{newList(t, n), newList(t, n)}
	model := make([][]uint32, 2)
	hashes, marked := map[uint32]uint64{}, map[uint32]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for step := range 30_000 {
		which := random.IntN(2)
		l, m := lists[which], &model[which]
		at := 0
		if len(*m) > 0 {
			at = random.IntN(len(*m))
		}
		switch op := random.IntN(8); {
		case op < 3 && len(*m) < 100:
			hash := random.Uint64()
			node, ok := n.Take(hash)
			if !ok || n.ListOf(node) != 0 {
				t.Fatalf("node %d, %v, in list %d", node, ok, n.ListOf(node))
			}
			hashes[node] = hash
			switch {
			case op == 0 && len(*m) > 0:
				n.InsertBefore(node, (*m)[at])
				*m = slices.Insert(*m, at, node)
			case op == 1:
				n.PushBack(l, node)
				*m = append(*m, node)
			default:
				n.Push(l, node)
				*m = slices.Insert(*m, 0, node)
			}
		case op < 6 && len(*m) > 0:
			node := (*m)[at]
			n.Unlink(node)
			if n.Marked(node) {
				t.Fatalf("node %d is marked in no list", node)
			}
			n.Give(node)
			*m = slices.Delete(*m, at, at+1)
			delete(marked, node)
			delete(hashes, node)
		case op == 6:
			if n.Length(unused) == 0 {
				continue
			}
			node, dropped := n.DropLast()
			if dropped {
				continue
			}
			to, ok := n.Move(node)
			if !ok || to >= node {
				t.Fatalf("node %d was moved to %d, %v", node, to, ok)
			}
			hashes[to], marked[to] = hashes[node], marked[node]
			delete(hashes, node)
			delete(marked, node)
			for i := range model {
				if j := slices.Index(model[i], node); j >= 0 {
					model[i][j] = to
				}
			}
		case op == 7 && step%100 == 0:
			if err := n.Release(); err != nil {
				t.Fatal(err)
			}
		}
		for i, l := range lists {
			if got := read(n, l); !slices.Equal(got, model[i]) || n.Length(l) != len(got) {
				t.Fatalf("list %d of %d nodes is %v, want %v", i, n.Length(l), got, model[i])
			}
		}
		if n.Len() != len(hashes)+2 {
			t.Fatalf("%d nodes are taken, want %d and two lists", n.Len(), len(hashes))
		}
	}
	for node, hash := range hashes {
		if n.Hash(node) != hash || n.Marked(node) != marked[node] {
			t.Errorf("node %d has the hash %x, want %x; is marked %v, want %v", node, n.Hash(node), hash, n.Marked(node), marked[node])
		}
	}
}

func TestThePoolGivesMemoryBack(t *testing.T) {
	n := newNodes(t)
	l := newList(t, n)
	for i := range 400_000 {
		node, ok := n.Take(uint64(i))
		if !ok {
			t.Fatal("no node")
		}
		n.Push(l, node)
	}
	full := n.Bytes()
	// One in a hundred stays, wherever it is.
	for i, node := range read(n, l) {
		if i%100 != 0 {
			n.Unlink(node)
			n.Give(node)
		}
	}
	if !n.Spacious(false) {
		t.Fatal("not spacious")
	}
	for n.Spacious(true) {
		if node, dropped := n.DropLast(); !dropped {
			if _, ok := n.Move(node); !ok {
				t.Fatal("nothing to move to")
			}
		}
	}
	if err := n.Release(); err != nil {
		t.Fatal(err)
	}
	if n.Length(l) != 4000 || len(read(n, l)) != 4000 {
		t.Errorf("%d nodes are left", n.Length(l))
	}
	if got := n.Bytes(); got > full/20 {
		t.Errorf("%d bytes of %d are left", got, full)
	}
}

func TestAPoolEnds(t *testing.T) {
	n := newNodes(t)
	for range MaxNodes - 1 {
		if _, ok := n.Take(0); !ok {
			t.Fatalf("%d nodes", n.Len())
		}
	}
	if node, ok := n.Take(0); ok {
		t.Errorf("node %d has no number", node)
	}
}
