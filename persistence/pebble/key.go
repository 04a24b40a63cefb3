package pebble

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// The kinds of keys, in the order in which the store keeps them.
var (
	layoutKey = []byte("m")
	rowsKey   = []byte("r")
	endKey    = []byte("s") // after the last row
)

const (
	// chunkPrefix is the length of what comes before the slot in a row's key.
	chunkPrefix = 1 + 4 + 4
	// rowPrefix is the length of what comes before the record's key.
	rowPrefix = chunkPrefix + 2
	// slots is how many parts the rows of a chunk are ordered by.
	slots = 1 << 16
	// headerChunk is where a generation's header is: after all its chunks.
	headerChunk = 1<<32 - 1
)

// slotOf is the part of a chunk that the key belongs in. It spreads keys
// evenly whatever they look like, so that a range of slots is a share of the
// rows.
func slotOf(key []byte) uint16 { return uint16(xxh3.Hash(key) >> 48) }

// appendChunk appends what the keys of all rows of a chunk begin with.
func appendChunk(dst []byte, gen, chunk uint32) []byte {
	dst = append(dst, rowsKey...)
	dst = binary.BigEndian.AppendUint32(dst, gen)
	return binary.BigEndian.AppendUint32(dst, chunk)
}

// appendSlot appends where the rows of a slot begin in a chunk; slots is where
// the last slot ends.
func appendSlot(dst []byte, gen, chunk, slot uint32) []byte {
	if slot == slots {
		return appendChunk(dst, gen, chunk+1)
	}
	return binary.BigEndian.AppendUint16(appendChunk(dst, gen, chunk), uint16(slot))
}

// splitChunk is the reverse of appendChunk, for a key that has rowsKey.
func splitChunk(key []byte) (gen, chunk uint32, ok bool) {
	if len(key) < chunkPrefix {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(key[1:]), binary.BigEndian.Uint32(key[5:]), true
}
