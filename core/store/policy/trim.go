package policy

import "fmt"

// trimStep is how many nodes Trim looks at under one lock.
const trimStep = 64

// Trim drops unused nodes at the end of the pool, and takes them off left,
// until it meets one that is in use, which it returns. more: there is more to dg.
func (g *Group) Trim(begun bool, left *int) (node uint32, hash uint64, more bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle()
	for range trimStep {
		if g.nodes == nil || !g.nodes.Spacious(begun) {
			return 0, 0, false
		}
		if node, dropped := g.nodes.DropLast(); !dropped {
			return node, g.nodes.Hash(node), true
		}
		begun = true
		*left--
	}
	return 0, 0, true
}

// Move gives an entry with a node one with a lower number, if there is one. Its shard is
// locked.
func (g *Group) Move(node uint32) (to uint32, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle()
	return g.nodes.Move(node)
}

// Release returns the memory of dropped nodes.
func (g *Group) Release() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		return nil
	}
	err := g.nodes.Release()
	g.weigh()
	if err != nil {
		return fmt.Errorf("return memory of the eviction policy: %w", err)
	}
	return nil
}
