package store

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/policy"
)

// groupSize is the part of the memory limit that one group of a Queuer has: enough that
// its order is as good as one of all entries, and not so much that threads
// meet at its lock, or that there are more small entries than nodes.
const groupSize = 64 << 20

// groups is how many groups a Queuer has under a memory limit: queues order entries only
// where there is one.
func (v *Evictor) groups(limit int64) int {
	if limit == 0 {
		return 0
	}
	n := max(limit/groupSize, 1)
	return min(1<<(bits.Len64(uint64(n))-1), len(v.st.shards))
}

// SetPolicy changes the eviction policy; nil is one that never evicts. No shard
// need be unlocked: those that are locked follow when they are free.
func (v *Evictor) SetPolicy(p eviction.Policy) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.chosen = p
	v.enforce(p)
	v.exhausted.Store(0)
}

// Policy is the eviction policy that was set last; nil: none.
func (v *Evictor) Policy() eviction.Policy {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.chosen
}

// refit adapts the groups of a Queuer to another memory limit.
func (v *Evictor) refit() {
	v.mu.Lock()
	defer v.mu.Unlock()
	p, ok := v.chosen.(eviction.Queuer)
	if !ok {
		return
	}
	now := 0
	if f := v.inForce.Load(); f != nil {
		now = len(f.Groups)
	}
	if now != v.groups(v.st.maxMemory.Load()) {
		v.enforce(p)
	}
}

// enforce puts a policy in force and lets every shard adopt it, those that are locked
// later.
func (v *Evictor) enforce(p eviction.Policy) {
	old := v.inForce.Swap(policy.New(p, v.groups(v.st.maxMemory.Load()), &v.queueBytes))
	var locked []*Shard
	for i := range v.st.shards {
		sh := &v.st.shards[i]
		if !sh.mu.TryLock() {
			locked = append(locked, sh)
			continue
		}
		v.adopt(sh)
		sh.mu.Unlock()
	}
	old.Release()
	if len(locked) > 0 {
		v.st.releases.Go(func() {
			for _, sh := range locked {
				sh.mu.Lock()
				v.adopt(sh)
				sh.mu.Unlock()
			}
		})
	}
}

// adopt makes a shard keep its entries for the policy in force. What
// the policy before it knew of them is forgotten, except how often they were
// used where the same policy only gets other groups.
func (v *Evictor) adopt(sh *Shard) {
	old, p := sh.recency.policy, v.acquire()
	if old == p {
		p.Release()
		return
	}
	sh.recency.policy, sh.recency.group = p, p.GroupOf(sh.index)
	now := time.Now().UnixMilli()
	same := old != nil && p != nil && old.Policy == p.Policy
	t := sh.tab.Load()
	for i := t.Used(0); i >= 0; i = t.Used(i + 1) {
		e := sh.entry(t.Slots[i], i)
		uses := policy.Uses(e.Recency())
		sh.recency.enter(&e, v.st.hashAt(sh, sh.tab.FragAt(i)), now)
		if same {
			e.setRecency(e.Recency() | policy.Recency(0, uses))
		}
	}
	old.Release()
}

// acquire is the policy in force, with one more user.
func (v *Evictor) acquire() *policy.InForce {
	for {
		if p := v.inForce.Load(); p == nil || p.Acquire() {
			return p
		}
	}
}

// maxMissed is how often an entry may be gone before its node is moved: more
// than that, and the shards have another policy by now.
const maxMissed = 100

// tidyMost is about how many nodes of a group one call of TidyPolicy gives back,
// so that used memory doesn't leap.
const tidyMost = 1 << 13

// TidyPolicy gives back memory of the eviction policy's queues where entries
// have become few, which takes other nodes for some entries. Call it from one
// background goroutine about ten times a second; it does nothing most of the time.
func (v *Evictor) TidyPolicy() error {
	p := v.acquire()
	if p == nil {
		return nil
	}
	defer p.Release()
	var failed error
	for i := range p.Groups {
		failed = errors.Join(failed, v.tidy(p, &p.Groups[i]))
	}
	if failed != nil {
		return fmt.Errorf("store: %w", failed)
	}
	return nil
}

func (v *Evictor) tidy(p *policy.InForce, g *policy.Group) error {
	begun, missed := false, 0
	for left := tidyMost; left > 0 && missed < maxMissed; {
		node, hash, more := g.Trim(begun, &left)
		if !more {
			break
		}
		begun = true
		if node != 0 && !v.moveNode(p, g, node, hash) {
			missed++
		}
	}
	if !begun {
		return nil
	}
	return g.Release()
}

// moveNode gives the entry with this node one with a lower number. It fails if
// there is no such entry any more.
func (v *Evictor) moveNode(p *policy.InForce, g *policy.Group, node uint32, hash uint64) bool {
	sh := v.st.shardOf(hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.recency.policy != p {
		return false
	}
	e, ok := sh.withNode(node, hash)
	if !ok {
		return false
	}
	to, ok := g.Move(node)
	if ok {
		e.setRecency(policy.Recency(to, policy.Uses(e.Recency())))
	}
	return ok
}
