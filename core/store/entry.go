package store

import (
	"encoding/binary"
	"math"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/sys"
)

// Type is what a key holds.
type Type uint8

// The types of values, as TYPE reports them.
const (
	String Type = iota
	Hash
)

func (t Type) String() string {
	switch t {
	case String:
		return "string"
	case Hash:
		return "hash"
	default:
		return "unknown"
	}
}

// An entry in memory, in words of 8 bytes:
//
//	header   recency 24 | type 3 | newer 1 | expires 1 | wide 1 | fields expire 1 | tree 1 | key length 8 | value length 24
//	expiry   only if expires: ms since the Unix epoch, 0 for none
//	lengths  only if wide: key length 32 | value length 32
//	key, value
//
// Most entries cost 8 bytes beside key, value and index. Wide is for keys of
// 256 bytes and more and values of 16 MiB and more. The expiry stays in place
// when PERSIST clears it, so that a lease that is renewed doesn't move.
//
// The key comes before the value and nothing points into an entry, so that a
// reader that copied header, key and value can check afterwards that they
// belong together.
const (
	recencyBits = 24
	typeShift   = 24
	typeMask    = 0x7 << typeShift
	newerFlag   = 1 << 27 // written since the moment of a view: see view.go
	expiresFlag = 1 << 28
	wideFlag    = 1 << 29
	fieldsFlag  = 1 << 30 // of a hash: its fields may expire
	treeFlag    = 1 << 31 // of a hash: its value is a tree and not a pack
	keyShift    = 32
	valueShift  = 40

	maxNarrowKey   = 1<<8 - 1
	maxNarrowValue = 1<<24 - 1

	// MaxLength is the most bytes a key or a value can have.
	MaxLength = 1<<32 - 1
)

// header packs an entry's first word, less the recency.
func header(t Type, keyLen, valueLen int, expires bool) uint64 {
	h := uint64(t) << typeShift
	if expires {
		h |= expiresFlag
	}
	if keyLen > maxNarrowKey || valueLen > maxNarrowValue {
		return h | wideFlag
	}
	return h | uint64(keyLen)<<keyShift | uint64(valueLen)<<valueShift
}

// headerSize is how many bytes come before the key.
func headerSize(h uint64) uint64 {
	return 8 + (h&expiresFlag)>>(28-3) + (h&wideFlag)>>(29-3)
}

// Entry is a view of one entry of a locked shard. It is good until the shard
// is unlocked or changed.
type Entry struct {
	mem    sys.Region
	off    uint64 // of the entry in mem
	header uint64
	slot   int // in the shard's index
}

func (e Entry) lengths() (key, value uint64) {
	if e.header&wideFlag == 0 {
		return e.header >> keyShift & maxNarrowKey, e.header >> valueShift
	}
	w := e.mem.Load(e.off + 8 + (e.header&expiresFlag)>>(28-3))
	return w & MaxLength, w >> 32
}

// writeLengths stores the lengths where they don't fit the header.
func (e Entry) writeLengths(key, value int) {
	if e.header&wideFlag != 0 {
		e.mem.Store(e.off+headerSize(e.header)-8, uint64(key)|uint64(value)<<32)
	}
}

// layOut writes all but the value.
func (e Entry) layOut(key []byte, valueLen int, expireAt int64) {
	e.mem.Store(e.off, e.header)
	if e.header&expiresFlag != 0 {
		e.mem.Store(e.off+8, uint64(expireAt))
	}
	e.writeLengths(len(key), valueLen)
	copy(e.Key(), key)
}

// Type is what the entry holds.
func (e Entry) Type() Type { return Type(e.header & typeMask >> typeShift) }

// Key is the entry's key.
func (e Entry) Key() []byte {
	k, _ := e.lengths()
	return e.mem.Bytes(e.off+headerSize(e.header), k)
}

// Value is the entry's value. If Shard.Writable says so, it may be written in
// place, with the same length, followed by Shard.Changed.
func (e Entry) Value() []byte {
	k, v := e.lengths()
	return e.mem.Bytes(e.off+headerSize(e.header)+k, v)
}

// Len is the length of the value in bytes.
func (e Entry) Len() int {
	_, v := e.lengths()
	return int(v)
}

// ExpireAt is when the entry expires, in ms since the Unix epoch; 0: never.
func (e Entry) ExpireAt() int64 {
	if e.header&expiresFlag == 0 {
		return 0
	}
	return int64(e.mem.Load(e.off + 8))
}

// Recency is what the eviction policy keeps with the entry.
func (e Entry) Recency() eviction.Recency { return eviction.Recency(e.header & eviction.RecencyMask) }

// size is how many bytes of its block the entry fills.
func (e Entry) size() int {
	k, v := e.lengths()
	return int(headerSize(e.header) + k + v)
}

// Footprint is how many bytes the entry takes from memory, less its place in
// the index: its own block, and of a large hash all other blocks. The values
// of a small hash that are out of line are not counted.
func (e Entry) Footprint() int {
	n := arena.Round(e.size())
	if e.isTree() {
		n += int(binary.LittleEndian.Uint64(e.Value()[32:]))
	}
	return n
}

// Size is Footprint with the values of a small hash that are out of line.
func (e Entry) Size() int64 {
	n := int64(e.Footprint())
	if e.Type() != Hash || e.isTree() {
		return n
	}
	pack := e.Value()[e.packHead():]
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		n += int64(blockSize(p.ref, p.length))
	}
	return n
}

func (e Entry) expired(now int64) bool {
	return e.header&expiresFlag != 0 && expiry.Past(int64(e.mem.Load(e.off+8)), now)
}

func (e Entry) isTree() bool { return e.header&treeFlag != 0 }

// packHead is how many bytes of a small hash's value come before its pack.
func (e Entry) packHead() int {
	if e.header&fieldsFlag != 0 {
		return 9
	}
	return 1
}

// earliest is a time before which no field of a hash expires.
func (e Entry) earliest() int64 {
	switch {
	case e.header&fieldsFlag == 0:
		return math.MaxInt64
	case e.isTree():
		return int64(binary.LittleEndian.Uint64(e.Value()[8:]))
	default:
		return int64(binary.LittleEndian.Uint64(e.Value()[1:]))
	}
}

// setEarliest sets earliest; the entry has fieldsFlag.
func (e Entry) setEarliest(at int64) {
	to := e.Value()[1:]
	if e.isTree() {
		to = e.Value()[8:]
	}
	binary.LittleEndian.PutUint64(to, uint64(at))
}

// Large says whether a hash is a table of its own and not one compact block.
func (e Entry) Large() bool { return e.isTree() }
