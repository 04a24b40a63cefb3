package hash

import (
	"encoding/binary"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// Form is what is known of a hash beside its value.
type Form uint8

// The bits of a Form.
const (
	Timed Form = 1 << iota // fields may expire
	Tree                   // the value is a tree and not a pack

	// Forms are all of them.
	Forms = Timed | Tree
)

// Value is a hash as it is stored. A small one is
//
//	number of fields 1 | earliest expiry 8, only if Timed | pack
//
// For a Tree see tree.go.
type Value struct {
	Bytes []byte
	Form  Form
}

// EmptySize is how many bytes a small hash without fields has, which are 0.
const EmptySize = 1

// Large says whether it is a tree.
func (v Value) Large() bool { return v.Form&Tree != 0 }

// head is how many bytes come before the pack of a small one.
func (v Value) head() int {
	if v.Form&Timed != 0 {
		return 9
	}
	return 1
}

func (v Value) pack() []byte { return v.Bytes[v.head():] }

// Len is the number of fields, expired ones included that nobody has met since.
func (v Value) Len() int {
	if v.Large() {
		return int(binary.LittleEndian.Uint64(v.Bytes))
	}
	return int(v.Bytes[0])
}

// Earliest is a time before which no field expires, in ms since the Unix epoch;
// math.MaxInt64: none ever does.
func (v Value) Earliest() int64 {
	switch {
	case v.Form&Timed == 0:
		return math.MaxInt64
	case v.Large():
		return int64(binary.LittleEndian.Uint64(v.Bytes[8:]))
	default:
		return int64(binary.LittleEndian.Uint64(v.Bytes[1:]))
	}
}

// setEarliest sets Earliest of a hash that is Timed.
func (v Value) setEarliest(at int64) {
	to := v.Bytes[1:]
	if v.Large() {
		to = v.Bytes[8:]
	}
	binary.LittleEndian.PutUint64(to, uint64(at))
}

// Blocks is how many bytes a large hash has in blocks of the arena beside the one that
// the value is in. Of a small one, see Outlying, it is 0.
func (v Value) Blocks() int {
	if !v.Large() {
		return 0
	}
	return int(binary.LittleEndian.Uint64(v.Bytes[32:]))
}

// Outlying is Blocks that looks through a small hash for values out of line as well.
func (v Value) Outlying() (n int) {
	if v.Large() {
		return v.Blocks()
	}
	pack := v.pack()
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		n += blockSize(p.ref, p.length)
	}
	return n
}

// Reaches says whether has is true of the block of a value of a small hash. Large ones
// have their blocks looked at one by one: see Memory.Move.
func (v Value) Reaches(has func(arena.Ref) bool) bool {
	if v.Large() {
		return false
	}
	pack := v.pack()
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if p.ref != 0 && has(arena.Ref(p.ref)) {
			return true
		}
	}
	return false
}
