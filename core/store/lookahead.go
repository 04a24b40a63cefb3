package store

import "github.com/redistill-go/redistill/core/store/arena"

// lookahead pulls the entries that a queue will probably ask about next towards
// the processor, some steps before each one's turn, so that no eviction waits for
// memory: first the place in the index, which tells where the entry is, then the
// entry and its page, then the span that the page is of. It reads all of that
// without a lock: what is wrong by then was pulled in vain.
type lookahead struct {
	st     *Store
	n, at  int // how many there are, and whose turn it is
	hashes [lookAt]uint64
	refs   [lookAt]arena.Ref
}

const (
	// lookAt is how many entries are looked at, at most.
	lookAt = 32
	// lookShare is the part of a group that is looked at: one in so many.
	lookShare = 256
	// How many steps before its turn each part of an entry is pulled.
	slotAhead, blockAhead, spanAhead = 12, 8, 4
)

// look begins with those that are next in the queue, about n, at least one.
func (l *lookahead) look(o *order, n int) {
	most := min(int(o.count.Load()/lookShare)+1, lookAt)
	l.n, l.at = o.ahead(l.hashes[:min(max(n, 1), most)]), 0
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
		l.st.fetch(l.hashes[i])
	}
	if i := i + blockAhead; i >= 0 && i < l.n {
		l.refs[i] = arena.Ref(l.st.Warm(Key{Hash: l.hashes[i]}))
		l.st.arena.Fetch(l.refs[i])
	}
	if i := i + spanAhead; i >= 0 && i < l.n {
		l.st.arena.FetchSpan(l.refs[i])
	}
}

// fetch pulls the place of a hash in its index.
func (st *Store) fetch(hash uint64) {
	t := st.shardOf(hash).tab.Load()
	st.arena.Region().Prefetch(t.HomeOffset(st.frag(hash)), 1)
}

// due is about how many entries are to be evicted to come down to target.
func (st *Store) due(k *keeper, o *order, target int64) int {
	used := max(st.used(), 1)
	return int(float64(used-target) / float64(used) * float64(o.count.Load()) * float64(len(k.groups)))
}
