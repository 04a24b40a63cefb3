package tracking

import (
	"math/rand/v2"
	"slices"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
)

// table is what clients read in one shard: chains of keys, by the lowest bits of
// their hashes, each with the clients that read it. All of it is guarded by the
// shard's lock, and in memory that is gone as soon as it is given back.
type table struct {
	heads  buffer.List[uint32] // a power of two: the first key of each chain, plus 1
	keys   buffer.List[key]
	blocks buffer.List[block]
	names  buffer.List[byte]
	// freeKey and freeBlock are the first ones that are not in use, plus 1.
	freeKey, freeBlock uint32
	used               int    // keys
	full               int    // blocks that are in use
	pairs              int    // of a key and a client
	named              int    // bytes of names in use; the others are of keys that are gone
	epoch              uint64 // of the tracker when the table was begun
	actor              int64  // the client that has the shard locked, 0: none or not known
}

// key is one that somebody read, which is mostly one client.
type key struct {
	hash  uint64
	off   uint64 // of its name
	first int64  // the client's ID
	n     uint32 // length of its name
	next  uint32 // of the chain, plus 1
	more  uint32 // the first block of those who read it as well, plus 1
}

// block is more clients that read a key, together on one line of the cache: one key
// may have been read by thousands. Only the first block of a key has room.
type block struct {
	ids  [7]int64
	n    uint32
	next uint32 // of the same key, plus 1
}

// keySize and blockSize are about what a key takes beside its bytes, and more clients
// that read it: their places, and half as much again that lists keep free.
const (
	keySize   = (40 + 6) * 3 / 2
	blockSize = 64 * 3 / 2
)

// sparse is the number of places from which on a table is made anew when it uses
// only a quarter of them, and wasted the bytes of names of which half are not used.
const (
	sparse = 256
	wasted = 4 << 10
)

// size is about what the table takes, in bytes.
func (tb *table) size() int64 {
	return int64(tb.used)*keySize + int64(tb.full)*blockSize + int64(tb.named)
}

// find finds a key: what leads to its place, plus 1, in its chain. It is nil or leads
// nowhere, 0, if nobody read the key.
func (tb *table) find(k store.Key) (at *uint32) {
	if tb.used == 0 {
		return nil
	}
	for at = tb.chain(k.Hash); *at != 0; at = &tb.keys.All[*at-1].next {
		if e := &tb.keys.All[*at-1]; e.hash == k.Hash && string(tb.name(e)) == string(k.Bytes) {
			break
		}
	}
	return at
}

// chain is the place of a chain's first key. There are heads.
func (tb *table) chain(hash uint64) *uint32 {
	return &tb.heads.All[hash&uint64(len(tb.heads.All)-1)]
}

func (tb *table) name(e *key) []byte { return tb.names.All[e.off : e.off+uint64(e.n)] }

// add notes that a client reads a key, if it has not been noted.
func (tb *table) add(pool *buffer.Pool, k store.Key, id int64) {
	at := tb.find(k)
	if at == nil || *at == 0 {
		tb.newKey(pool, k).first = id
		tb.pairs++
		return
	}
	e := &tb.keys.All[*at-1]
	if e.first == id {
		return
	}
	for i := e.more; i != 0; i = tb.blocks.All[i-1].next {
		if b := &tb.blocks.All[i-1]; slices.Contains(b.ids[:b.n], id) {
			return
		}
	}
	if e.more == 0 || int(tb.blocks.All[e.more-1].n) == len(block{}.ids) {
		e.more = tb.newBlock(pool, e.more)
	}
	b := &tb.blocks.All[e.more-1]
	b.ids[b.n] = id
	b.n++
	tb.pairs++
}

// newKey adds a key, which nobody has read yet.
func (tb *table) newKey(pool *buffer.Pool, k store.Key) *key {
	if len(tb.names.All)-tb.named > max(tb.named, wasted) {
		tb.renew(pool)
	}
	if tb.used >= len(tb.heads.All) {
		tb.rehash(pool, max(2*len(tb.heads.All), 8))
	}
	off := len(tb.names.All)
	tb.names.Room(pool, len(k.Bytes))
	tb.names.All = append(tb.names.All, k.Bytes...)
	i := tb.freeKey
	if i != 0 {
		tb.freeKey = tb.keys.All[i-1].next
	} else {
		tb.keys.Add(pool, key{})
		i = uint32(len(tb.keys.All))
	}
	head := tb.chain(k.Hash)
	e := &tb.keys.All[i-1]
	*e = key{hash: k.Hash, off: uint64(off), n: uint32(len(k.Bytes)), next: *head}
	*head = i
	tb.used++
	tb.named += len(k.Bytes)
	return e
}

// newBlock adds a block before the one that is next.
func (tb *table) newBlock(pool *buffer.Pool, next uint32) uint32 {
	i := tb.freeBlock
	if i != 0 {
		tb.freeBlock = tb.blocks.All[i-1].next
	} else {
		tb.blocks.Add(pool, block{})
		i = uint32(len(tb.blocks.All))
	}
	tb.blocks.All[i-1] = block{next: next}
	tb.full++
	return i
}

// drop removes the key that at leads to, and calls tell for everyone who read it,
// the first one first.
func (tb *table) drop(pool *buffer.Pool, at *uint32, tell func(id int64)) {
	i := *at
	e := &tb.keys.All[i-1]
	tell(e.first)
	tb.pairs--
	for r := e.more; r != 0; {
		b := &tb.blocks.All[r-1]
		for _, id := range b.ids[:b.n] {
			tell(id)
		}
		tb.pairs -= int(b.n)
		tb.full--
		next := b.next
		*b = block{next: tb.freeBlock}
		tb.freeBlock = r
		r = next
	}
	*at = e.next
	tb.named -= int(e.n)
	*e = key{next: tb.freeKey}
	tb.freeKey = i
	switch tb.used--; {
	case tb.used == 0:
		tb.empty(pool)
	case len(tb.keys.All) >= sparse && tb.used < len(tb.keys.All)/4:
		tb.renew(pool)
	}
}

// any is where one of the keys is, as good as by chance. There is one.
func (tb *table) any() (at *uint32) {
	n := len(tb.heads.All)
	from := rand.IntN(n)
	for i := range n {
		if at = &tb.heads.All[(from+i)&(n-1)]; *at != 0 {
			break
		}
	}
	return at
}

// empty forgets all keys.
func (tb *table) empty(pool *buffer.Pool) {
	tb.heads.Clear(pool)
	tb.keys.Clear(pool)
	tb.blocks.Clear(pool)
	tb.names.Clear(pool)
	tb.freeKey, tb.freeBlock, tb.used, tb.full, tb.pairs, tb.named = 0, 0, 0, 0, 0, 0
}

// rehash makes so many chains of the keys.
func (tb *table) rehash(pool *buffer.Pool, n int) {
	old := tb.heads
	tb.heads = buffer.List[uint32]{}
	tb.heads.Room(pool, n)
	tb.heads.All = tb.heads.All[:n]
	clear(tb.heads.All)
	for _, i := range old.All {
		for i != 0 {
			e := &tb.keys.All[i-1]
			next, head := e.next, tb.chain(e.hash)
			e.next, *head = *head, i
			i = next
		}
	}
	old.Clear(pool)
}

// renew makes the table anew, with room for what is in use.
func (tb *table) renew(pool *buffer.Pool) {
	fresh := table{epoch: tb.epoch, actor: tb.actor}
	fresh.keys.Room(pool, tb.used)
	fresh.blocks.Room(pool, tb.full)
	fresh.names.Room(pool, tb.named)
	n := 8
	for n < tb.used {
		n *= 2
	}
	fresh.rehash(pool, n)
	for _, i := range tb.heads.All {
		for ; i != 0; i = tb.keys.All[i-1].next {
			e := &tb.keys.All[i-1]
			to := fresh.newKey(pool, store.Key{Bytes: tb.name(e), Hash: e.hash})
			to.first = e.first
			last := &to.more
			for r := e.more; r != 0; r = tb.blocks.All[r-1].next {
				*last = fresh.newBlock(pool, 0)
				b := &fresh.blocks.All[*last-1]
				*b = tb.blocks.All[r-1]
				b.next = 0
				last = &b.next
			}
		}
	}
	fresh.pairs = tb.pairs
	tb.empty(pool)
	*tb = fresh
}
