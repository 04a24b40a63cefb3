package store

import (
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
	"github.com/redistill-go/redistill/core/store/policy"
)

// queueing is one eviction under a Queuer: of the entries that are next in one of the
// groups, while more than target bytes are used.
type queueing struct {
	*Evictor
	policy      *policy.InForce
	now, target int64

	node  uint32 // next in the queue, if that is known; 0: not
	hash  uint64
	freed released
	ahead lookahead
}

// judgeAtOnce bounds how many entries one eviction passes over because they were
// used: the next one goes whatever its uses. Each of them is a little cheaper
// to evict the next time, so that the order is not lost.
const judgeAtOnce = 512

func (q *queueing) run() bool {
	groups := q.policy.Groups
	// The fuller one of two drawn groups makes all equally full.
	a, b := rand.IntN(len(groups)), rand.IntN(len(groups))
	if groups[b].Len() > groups[a].Len() {
		a = b
	}
	for i := range groups {
		if q.group(&groups[(a+i)&(len(groups)-1)]) {
			return true
		}
	}
	// Entries that got no node for want of memory are in no queue.
	sh, slot, ok := q.draw()
	if !ok {
		return false
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.from(slot)
	if ok {
		sh.evict(e, q.now, nil)
	}
	return ok
}

// group evicts the entry that is next in a group, and more of those after it. It fails if
// there is none.
func (q *queueing) group(g *policy.Group) (evicted bool) {
	defer q.freed.free()
	q.node, q.ahead.n, q.ahead.at = 0, 0, 0
	for passed := 0; passed < 2*judgeAtOnce; {
		if !q.ahead.step() {
			if evicted {
				break
			}
			q.ahead.begin(g, q.due(g))
		}
		if q.node == 0 {
			if q.node, q.hash = g.Next(); q.node == 0 {
				break
			}
		}
		if !q.judge(g, passed >= judgeAtOnce) {
			passed++
			continue
		}
		if evicted, passed = true, 0; q.freed.used() <= q.target {
			break
		}
	}
	return evicted
}

// due is about how many entries of a group are to be evicted to come down to the target.
func (q *queueing) due(g *policy.Group) int {
	used := max(q.st.used(), 1)
	return int(float64(used-q.target) / float64(used) * float64(g.Len()) * float64(len(q.policy.Groups)))
}

// judge evicts the entry that is next if its queue agrees, or has to. It goes on to what
// is next then, if the queue was asked.
func (q *queueing) judge(g *policy.Group, must bool) (evicted bool) {
	node, hash := q.node, q.hash
	q.node = 0
	sh := q.st.shardOf(hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	// It may have gone, or been given another node, since the queue was asked.
	if sh.recency.policy != q.policy {
		return false
	}
	e, ok := sh.withNode(node, hash)
	if !ok {
		return false
	}
	if e.expired(q.now) {
		sh.expireTo(e, &q.freed)
		return true
	}
	uses := policy.Uses(e.Recency())
	if must {
		uses = 0
	}
	left, evict, next, nextHash := g.Judge(node, uses)
	q.node, q.hash = next, nextHash
	if !evict {
		e.setRecency(policy.Recency(node, left))
		return false
	}
	e.setRecency(0)
	sh.evict(e, q.now, &q.freed)
	return true
}

// withNode is the entry that has this node.
func (sh *Shard) withNode(node uint32, hash uint64) (Entry, bool) {
	t := sh.tab.Load()
	frag := sh.st.frag(hash)
	for i := t.At(frag); t.Slots[i] != 0 && index.Frag(t.Slots[i]) == frag; i++ {
		if e := sh.entry(t.Slots[i], i); policy.Node(e.Recency()) == node {
			return e, true
		}
	}
	return Entry{}, false
}

// lookahead pulls the entries that a queue will probably ask about next towards
// the processor, some steps before each one's turn, so that no eviction waits for
// memory: first the place in the index, which tells where the entry is, then the
// entry and its page, then the span that the page is of. It reads all of that
// without a lock: what is wrong by then was pulled in vain.
type lookahead struct {
	st     *Store
	n, at  int // how many there are, and whose turn it is
	hashes [aheadMost]uint64
	refs   [aheadMost]arena.Ref
}

const (
	// aheadMost is how many entries are pulled at once, at most.
	aheadMost = 32
	// aheadShare is the part of a group that is: one in so many.
	aheadShare = 256
	// How many steps before its turn each part of an entry is pulled.
	slotAhead, blockAhead, spanAhead = 12, 8, 4
)

// begin begins with those that are next in the queue, about n, at least one.
func (l *lookahead) begin(g *policy.Group, n int) {
	most := min(g.Len()/aheadShare+1, aheadMost)
	l.n, l.at = g.Ahead(l.hashes[:min(max(n, 1), most)]), 0
	for i := -slotAhead; i < 0; i++ {
		l.pull(i)
	}
}

// step goes on to the next entry. It fails if there is none.
func (l *lookahead) step() bool {
	if l.at == l.n {
		return false
	}
	l.pull(l.at)
	l.at++
	return true
}

// pull does what is due at the turn of the i-th entry.
func (l *lookahead) pull(i int) {
	if i := i + slotAhead; i < l.n {
		hash := l.hashes[i]
		t := l.st.shardOf(hash).tab.Load()
		l.st.arena.Region().Prefetch(t.HomeOffset(l.st.frag(hash)), 1)
	}
	if i := i + blockAhead; i >= 0 && i < l.n {
		l.refs[i] = arena.Ref(l.st.Warm(Key{Hash: l.hashes[i]}))
		l.st.arena.Fetch(l.refs[i])
	}
	if i := i + spanAhead; i >= 0 && i < l.n {
		l.st.arena.FetchSpan(l.refs[i])
	}
}
