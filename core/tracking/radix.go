package tracking

import (
	"slices"
	"strings"
)

// prefixes is a radix tree of prefixes with the clients that have each. What it
// takes to find those that a key begins with, to add one or to remove one grows
// with the length of the key or prefix and not with how many there are.
type prefixes struct {
	root  node
	count int   // different prefixes
	bytes int64 // about what the tree takes
}

// node is a place in the tree: what leads to it from the root is what it stands
// for.
type node struct {
	label    string  // from the parent to here
	children []*node // by the first byte of their labels, which all differ
	group    *group  // nil: nobody has the prefix that ends here
}

// group is the clients that are told of every change to a key with a prefix.
type group struct {
	prefix string
	ids    []int64
}

// PrefixCost is about what a client's prefix takes beside its bytes, with what is
// left of the garbage that it makes: prefixes are in the Go heap, which is collected
// when it has grown by half.
const PrefixCost = 400

// Cost is about how many bytes a client's prefixes take; no more than every key, none.
func Cost(list []string) (n int) {
	for _, p := range list {
		if p != "" {
			n += PrefixCost + len(p)
		}
	}
	return n
}

// About what a node takes beside its label, and a client's ID in it.
const (
	nodeSize = 160
	idSize   = 8
)

// child finds the child whose label begins with b, or where it would stand.
func (n *node) child(b byte) (int, bool) {
	return slices.BinarySearchFunc(n.children, b, func(c *node, b byte) int { return int(c.label[0]) - int(b) })
}

// add adds a prefix for a client, which does not have it yet.
func (t *prefixes) add(prefix string, id int64) {
	n, rest := &t.root, prefix
	for rest != "" {
		i, found := n.child(rest[0])
		if !found {
			c := &node{label: rest}
			n.children = slices.Insert(n.children, i, c)
			t.bytes += nodeSize + int64(len(rest))
			n, rest = c, ""
			break
		}
		c := n.children[i]
		same := common(c.label, rest)
		if same < len(c.label) {
			c = &node{label: c.label[:same], children: []*node{c}}
			n.children[i] = c
			c.children[0].label = c.children[0].label[same:]
			t.bytes += nodeSize
		}
		n, rest = c, rest[same:]
	}
	if n.group == nil {
		n.group = &group{prefix: prefix}
		t.count++
	}
	n.group.ids = append(n.group.ids, id)
	t.bytes += idSize
}

// remove removes a client's prefix, if it is there.
func (t *prefixes) remove(prefix string, id int64) {
	path := []*node{&t.root}
	for n, rest := &t.root, prefix; rest != ""; path = append(path, n) {
		i, found := n.child(rest[0])
		if !found || !strings.HasPrefix(rest, n.children[i].label) {
			return
		}
		n = n.children[i]
		rest = rest[len(n.label):]
	}
	n := path[len(path)-1]
	if n.group == nil {
		return
	}
	i := slices.Index(n.group.ids, id)
	if i < 0 {
		return
	}
	t.bytes -= idSize
	if n.group.ids = slices.Delete(n.group.ids, i, i+1); len(n.group.ids) > 0 {
		return
	}
	n.group = nil
	t.count--
	for i := len(path) - 1; i > 0 && path[i].group == nil && len(path[i].children) < 2; i-- {
		t.shorten(path[i-1], path[i])
	}
}

// shorten takes a node out that nobody needs: its only child takes its place, if
// it has one.
func (t *prefixes) shorten(parent, n *node) {
	i, _ := parent.child(n.label[0])
	t.bytes -= nodeSize
	if len(n.children) == 1 {
		c := n.children[0]
		c.label = n.label + c.label
		parent.children[i] = c
		return
	}
	t.bytes -= int64(len(n.label))
	parent.children = slices.Delete(parent.children, i, i+1)
}

// each calls visit for the group of every prefix that key begins with, the
// shortest first, until it returns false.
func (t *prefixes) each(key []byte, visit func(*group) bool) {
	for n := &t.root; ; {
		if n.group != nil && !visit(n.group) || len(key) == 0 {
			return
		}
		i, found := n.child(key[0])
		if !found {
			return
		}
		n = n.children[i]
		if len(key) < len(n.label) || string(key[:len(n.label)]) != n.label {
			return
		}
		key = key[len(n.label):]
	}
}

// covers says whether key begins with any prefix.
func (t *prefixes) covers(key []byte) (yes bool) {
	if t.count > 0 {
		t.each(key, func(*group) bool { yes = true; return false })
	}
	return yes
}

// clients are those that have the prefix.
func (t *prefixes) clients(prefix string) (ids []int64) {
	t.each([]byte(prefix), func(g *group) bool {
		if len(g.prefix) == len(prefix) {
			ids = g.ids
		}
		return true
	})
	return ids
}

// common is how many bytes a and b begin with alike.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
