package hash

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/sys"
)

// Shared is what the hashes of all shards have in common.
type Shared struct {
	Arena  *arena.Arena
	Seed   maphash.Seed // of the hashes of fields
	Limits Limits
	// Background does what nobody waits for.
	Background func(func())
	// Leaving is how many bytes of removed hashes are still being given back, Copied how
	// many are copies for views, and Lent how many are values that were laid out.
	Leaving, Copied, Lent *atomic.Int64
}

// Memory has the blocks of the hashes of one shard, whose lock guards it.
type Memory struct {
	*Shared
	region sys.Region
	group  int // of the arena
	home   Home

	// Viewed says that a view may have still to see hashes as they are: see Home.Preserve.
	Viewed bool
	// Expired counts the fields that were removed because they had expired.
	Expired sys.Count

	outside atomic.Int32 // directories of trees and values out of line
	log     *changeLog   // of the hash that is being changed
	frozen  []*frozenTree
}

// Init makes the Memory ready for use.
func (m *Memory) Init(s *Shared, group int, home Home) {
	m.Shared, m.region, m.group, m.home = s, s.Arena.Region(), group, home
}

// Outside is how many directories of trees and values out of line there are: without
// any, all that hashes have is in the blocks of their keys. It takes no lock.
func (m *Memory) Outside() int { return int(m.outside.Load()) }

// Adopt takes over n of those from another Memory of the same group.
func (m *Memory) Adopt(from *Memory, n int) {
	m.outside.Add(int32(n))
	from.outside.Add(-int32(n))
}

func (m *Memory) alloc(n int) (arena.Ref, error) { return m.Arena.Alloc(m.group, n) }

func (m *Memory) free(ref arena.Ref, n int) { m.Arena.Free(m.group, ref, n) }

func (m *Memory) hashOf(field []byte) uint64 { return maphash.Bytes(m.Seed, field) }

// newValue takes a block for a value that is out of line.
func (m *Memory) newValue(n int) (arena.Ref, error) {
	ref, err := m.alloc(n)
	if err == nil {
		m.outside.Add(1)
	}
	return ref, err
}

// freeOutside gives back a directory or a value that is out of line.
func (m *Memory) freeOutside(ref arena.Ref, n int) {
	m.outside.Add(-1)
	m.free(ref, n)
}

// fieldValue is the field's value.
func (m *Memory) fieldValue(p packed) []byte {
	if p.ref == 0 {
		return p.value
	}
	return m.Arena.Bytes(arena.Ref(p.ref), p.length)
}

func (m *Memory) freeValue(p packed) {
	if p.ref != 0 {
		m.freeOutside(arena.Ref(p.ref), p.length)
	}
}

// freeValues gives back the blocks of a pack's values that are out of line, and
// returns how many bytes they were.
func (m *Memory) freeValues(pack []byte) (n int) {
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		m.freeValue(p)
		n += blockSize(p.ref, p.length)
	}
	return n
}

// blockSize is what a value that is out of line takes.
func blockSize(ref uint64, length int) int {
	if ref == 0 {
		return 0
	}
	return arena.Round(length)
}
