package store

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/eviction"
)

// tidyStep is how many nodes one step of TidyPolicy looks at under one lock.
const tidyStep = 64

// maxMissed is how often an entry may be gone before its node is moved: more
// than that, and the shards have another policy by now.
const maxMissed = 100

// tidyMost is about how many nodes of a group one call of TidyPolicy gives back,
// so that used memory doesn't leap.
const tidyMost = 1 << 13

// TidyPolicy gives back memory of the eviction policy's queues where entries
// have become few, which takes other nodes for some entries. Call it from one
// background goroutine about ten times a second; it does nothing most of the time.
func (st *Store) TidyPolicy() error {
	k := st.newest()
	if k == nil {
		return nil
	}
	defer k.drop()
	var failed error
	for i := range k.groups {
		failed = errors.Join(failed, st.tidy(k, &k.groups[i]))
	}
	return failed
}

func (st *Store) tidy(k *keeper, o *order) error {
	begun, missed := false, 0
	for left := tidyMost; left > 0 && missed < maxMissed; {
		node, hash, more := o.trimNodes(begun, &left)
		if !more {
			break
		}
		begun = true
		if node != 0 && !st.shardOf(hash).moveNode(k, o, node, hash) {
			missed++
		}
	}
	if !begun {
		return nil
	}
	return o.release()
}

// trimNodes drops unused nodes at the end of the pool, and takes them off left,
// until it meets one that is in use, which it returns. more: there is more to do.
func (o *order) trimNodes(begun bool, left *int) (node uint32, hash uint64, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	for range tidyStep {
		if o.nodes == nil || !o.nodes.Spacious(begun) {
			return 0, 0, false
		}
		if node, dropped := o.nodes.DropLast(); !dropped {
			return node, o.nodes.Hash(node), true
		}
		begun = true
		*left--
	}
	return 0, 0, true
}

// moveNode gives the entry with this node one with a lower number. It fails if
// there is no such entry any more.
func (sh *Shard) moveNode(k *keeper, o *order, node uint32, hash uint64) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.keep != k {
		return false
	}
	e, ok := sh.holder(node, hash)
	if !ok {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	to, ok := o.nodes.Move(node)
	if ok {
		sh.remember(&e, e.Recency()&^nodeMask|eviction.Recency(to))
	}
	return ok
}

// release returns the memory of dropped nodes.
func (o *order) release() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes == nil {
		return nil
	}
	err := o.nodes.Release()
	o.weigh()
	if err != nil {
		return fmt.Errorf("store: return memory of the eviction policy: %w", err)
	}
	return nil
}
