package watch

import "github.com/redistill-go/redistill/core/buffer"

// table is who watches which keys of one shard: chains of pairs, by the lowest bits
// of the keys' hashes.
type table struct {
	heads buffer.List[uint32] // a power of two: the first pair of each chain, plus 1
	pairs buffer.List[pair]
	free  uint32 // the first pair that is not in use, plus 1
	used  int
}

// pair is a watcher and a key that it watches.
type pair struct {
	hash    uint64
	next    uint32 // of the chain, plus 1
	watcher uint32 // its number; with existed, the key was there when the watching began
}

const existed = 1 << 31

// sparse is the number of pairs from which on a table is made anew when it has four
// times as many places as it needs.
const sparse = 256

// each calls f for every watcher of a key.
func (t *table) each(hash uint64, f func(watcher uint32)) {
	if t.used == 0 {
		return
	}
	for i := *t.chain(hash); i != 0; i = t.pairs.All[i-1].next {
		if p := &t.pairs.All[i-1]; p.hash == hash {
			f(p.watcher)
		}
	}
}

// all calls f for every pair.
func (t *table) all(f func(pair)) {
	if t.used == 0 {
		return
	}
	for _, i := range t.heads.All {
		for ; i != 0; i = t.pairs.All[i-1].next {
			f(t.pairs.All[i-1])
		}
	}
}

// chain is the place of a chain's first pair. There are heads.
func (t *table) chain(hash uint64) *uint32 {
	return &t.heads.All[hash&uint64(len(t.heads.All)-1)]
}

func (t *table) has(hash uint64, watcher uint32) bool {
	if t.used == 0 {
		return false
	}
	for i := *t.chain(hash); i != 0; i = t.pairs.All[i-1].next {
		if p := &t.pairs.All[i-1]; p.hash == hash && p.watcher&^existed == watcher {
			return true
		}
	}
	return false
}

// add adds a pair, which is not there yet.
func (t *table) add(pool *buffer.Pool, hash uint64, watcher uint32) {
	if t.used >= len(t.heads.All) {
		t.rehash(pool, max(2*len(t.heads.All), 8))
	}
	i := t.free
	if i != 0 {
		t.free = t.pairs.All[i-1].next
	} else {
		t.pairs.Add(pool, pair{})
		i = uint32(len(t.pairs.All))
	}
	head := t.chain(hash)
	t.pairs.All[i-1] = pair{hash: hash, next: *head, watcher: watcher}
	*head = i
	t.used++
}

// drop removes a pair, if it is there.
func (t *table) drop(pool *buffer.Pool, hash uint64, watcher uint32) {
	if t.used == 0 {
		return
	}
	at := t.chain(hash)
	for *at != 0 && (t.pairs.All[*at-1].hash != hash || t.pairs.All[*at-1].watcher&^existed != watcher) {
		at = &t.pairs.All[*at-1].next
	}
	i := *at
	if i == 0 {
		return
	}
	p := &t.pairs.All[i-1]
	*at = p.next
	*p = pair{next: t.free}
	t.free = i
	switch t.used--; {
	case t.used == 0:
		t.heads.Clear(pool)
		t.pairs.Clear(pool)
		t.free = 0
	case len(t.pairs.All) >= sparse && t.used < len(t.pairs.All)/4:
		t.renew(pool)
	}
}

// rehash makes so many chains of the pairs.
func (t *table) rehash(pool *buffer.Pool, n int) {
	old := t.heads
	t.heads = buffer.List[uint32]{}
	t.heads.Room(pool, n)
	t.heads.All = t.heads.All[:n]
	clear(t.heads.All)
	for _, i := range old.All {
		for i != 0 {
			p := &t.pairs.All[i-1]
			next, head := p.next, t.chain(p.hash)
			p.next, *head = *head, i
			i = next
		}
	}
	old.Clear(pool)
}

// renew makes the table anew with as many places as it needs.
func (t *table) renew(pool *buffer.Pool) {
	var fresh table
	fresh.pairs.Room(pool, t.used)
	n := 8
	for n < t.used {
		n *= 2
	}
	fresh.rehash(pool, n)
	t.all(func(p pair) { fresh.add(pool, p.hash, p.watcher) })
	t.heads.Clear(pool)
	t.pairs.Clear(pool)
	*t = fresh
}
