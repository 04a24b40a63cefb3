package store

import "slices"

// releaseMin is the size in bytes from which a large hash that is removed is
// given back in the background: less takes about a tenth of a millisecond.
const releaseMin = 256 << 10

// releaseTree gives all blocks of a tree back that no key holds any more, but not
// its entry: a large one in the background, so that nobody waits for it. Its
// bytes count as free from now on.
func (sh *Shard) releaseTree(t tree) {
	bytes := t.bytes()
	if bytes < releaseMin {
		t.free()
		return
	}
	st := sh.st
	st.leaving.Add(int64(bytes))
	t.b = slices.Clone(t.b)
	st.Background(func() {
		t.freeLeaves(func(n int) {
			bytes -= n
			st.leaving.Add(-int64(n))
		})
		st.leaving.Add(-int64(bytes)) // what the directory took
	})
}
