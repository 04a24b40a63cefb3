package hash

import "slices"

// How what hashes have outside the blocks of their keys is given back.

// Free gives back what a hash that its key holds no longer has beside its value: a
// large one in the background, so that nobody waits for it, or, if it is being read, when
// that is done.
func (m *Memory) Free(key []byte, v Value) {
	switch {
	case !v.Large():
		m.freeValues(v.pack())
	case tree{m, v.Bytes}.frozen():
		m.Leave(key, v)
	default:
		m.releaseTree(tree{m, v.Bytes})
	}
}

// FreeNow is Free for a hash that nobody reads and that nobody waits for.
func (m *Memory) FreeNow(v Value) {
	if v.Large() {
		tree{m, v.Bytes}.free()
		return
	}
	m.freeValues(v.pack())
}

// releaseMin is the size in bytes from which a large hash that is removed is
// given back in the background: less takes about a tenth of a millisecond.
const releaseMin = 256 << 10

// releaseTree gives all blocks of a tree back that no key holds any more, but not
// its value: a large one in the background. Its bytes count as free from now on.
func (m *Memory) releaseTree(t tree) {
	bytes := t.bytes()
	if bytes < releaseMin {
		t.free()
		return
	}
	m.Leaving.Add(int64(bytes))
	t.b = slices.Clone(t.b)
	m.Background(func() {
		t.freeLeaves(func(n int) {
			bytes -= n
			m.Leaving.Add(-int64(n))
		})
		m.Leaving.Add(-int64(bytes)) // what the directory took
	})
}
