package hash

import (
	"encoding/binary"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// leaf is a view of one leaf.
type leaf struct {
	m   *Memory
	ref arena.Ref
}

func (t tree) leaf(i int) leaf { return leaf{t.m, arena.Ref(t.dir()[i])} }

func (l leaf) head() []byte         { return l.m.region.Bytes(l.ref.Offset(), leafHead) }
func (l leaf) length() int          { return int(binary.LittleEndian.Uint32(l.head())) }
func (l leaf) count() int           { return int(binary.LittleEndian.Uint16(l.head()[4:])) }
func (l leaf) depth() uint          { return uint(l.head()[6]) }
func (l leaf) earliest() int64      { return int64(binary.LittleEndian.Uint64(l.head()[8:])) }
func (l leaf) setLength(n int)      { binary.LittleEndian.PutUint32(l.head(), uint32(n)) }
func (l leaf) setCount(n int)       { binary.LittleEndian.PutUint16(l.head()[4:], uint16(n)) }
func (l leaf) isCopy() bool         { return l.head()[7]&leafCopied != 0 }
func (l leaf) isNewer() bool        { return l.head()[7]&leafNewer != 0 }
func (l leaf) hasBlocks() bool      { return l.head()[7]&leafBlocks != 0 }
func (l leaf) setFlag(bit byte)     { l.head()[7] |= bit }
func (l leaf) clearFlag(bit byte)   { l.head()[7] &^= bit }
func (l leaf) setDepth(d uint)      { l.head()[6] = byte(d) }
func (l leaf) setEarliest(at int64) { binary.LittleEndian.PutUint64(l.head()[8:], uint64(at)) }
func (l leaf) size() int            { return leafHead + l.length() }

func (l leaf) pack() []byte {
	return l.m.region.Bytes(l.ref.Offset()+leafHead, uint64(l.length()))
}

// newLeaf makes an empty leaf with room for a pack of n bytes, which length
// says it has.
func (m *Memory) newLeaf(n int, depth uint) (leaf, error) {
	ref, err := m.alloc(leafHead + n)
	if err != nil {
		return leaf{}, err
	}
	l := leaf{m, ref}
	clear(l.head())
	l.setLength(n)
	l.setDepth(depth)
	l.setEarliest(math.MaxInt64)
	return l, nil
}

func (l leaf) free() { l.m.free(l.ref, l.size()) }
