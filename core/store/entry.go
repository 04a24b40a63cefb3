package store

import (
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
//	header   recency 24 | type 3 | newer 1 | expires 1 | wide 1 | parts expire 1 | large 1 | key length 8 | value length 24
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
	formShift   = 30
	timedFlag   = 1 << 30 // parts of the value may expire: see valuetypes.go
	largeFlag   = 1 << 31 // the value is read, kept and moved in steps
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

// ref is the block that the entry is in.
func (e Entry) ref() arena.Ref { return arena.Ref(e.off / 8) }

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

func (e Entry) expired(now int64) bool {
	return e.header&expiresFlag != 0 && expiry.Past(int64(e.mem.Load(e.off+8)), now)
}
