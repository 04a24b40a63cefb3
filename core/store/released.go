package store

import "github.com/redistill-go/redistill/core/store/arena"

// released are the blocks of entries that were evicted and are not free yet, so
// that many can be freed under one lock. Whoever has them calls free at last.
type released struct {
	st     *Store
	group  int
	bytes  int64
	n      int
	blocks [releasedAtOnce]arena.Block
}

const releasedAtOnce = 32

// add takes the block of an entry that nothing leads to any more.
func (r *released) add(sh *Shard, e Entry) {
	if r.n == len(r.blocks) || r.group != sh.group {
		r.free()
		r.group = sh.group
	}
	size := e.size()
	r.blocks[r.n] = arena.Block{Ref: e.ref(), Size: size}
	r.n++
	r.bytes += int64(arena.Round(size))
}

// free frees them.
func (r *released) free() {
	if r.n > 0 {
		r.st.arena.FreeAll(r.group, r.blocks[:r.n])
	}
	r.n, r.bytes = 0, 0
}

// used is how much the store will use then.
func (r *released) used() int64 { return r.st.used() - r.bytes }
