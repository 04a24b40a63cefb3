package rdb

import (
	"errors"
	"math"
)

// errPacked says that a packed list is damaged, or lies about itself: Redis
// would believe what its head says of it later, and read beyond its end.
var errPacked = errors.New("packed list is damaged")

const (
	packedEnd = 0xFF
	// uncounted stands for the number of elements where there are too many for
	// it, or where nobody has counted them.
	uncounted = math.MaxUint16
)

// element is one of a packed list: a string, which is a part of the list, or a
// number.
type element struct {
	text   []byte
	number int64
	isText bool
}

// bytes are those of the string, or of the number's text, which is appended to
// scratch.
func (e element) bytes(scratch *[]byte) []byte {
	if e.isText {
		return e.text
	}
	return appendNumber(scratch, e.number)
}

// packedList is a list of strings in one block of memory, which vouches for
// nothing of what it says.
type packedList interface {
	// next returns the next element, or ok false at the end. It fails with
	// errPacked at the latest where the list ends.
	next() (e element, ok bool, err error)
}

// packedFields visits the elements as fields, values and, if there are any,
// expiries, which are numbers in ascending order and at last those that are
// none.
func packedFields(list packedList, expiries bool, scratch *[]byte, visit func(Field) error) error {
	last := int64(0)
	for {
		name, ok, err := list.next()
		if err != nil || !ok {
			return err
		}
		value, ok, err := list.next()
		if err != nil || !ok {
			return errPacked
		}
		f := Field{Name: name.bytes(scratch), Value: value.bytes(scratch)}
		if expiries {
			at, ok, err := list.next()
			if err != nil || !ok || at.isText || at.number < 0 || at.number > maxFieldExpiry {
				return errPacked
			}
			if f.ExpireAt = at.number; f.ExpireAt == 0 {
				last = math.MaxInt64
			} else if f.ExpireAt < last {
				return errPacked
			} else {
				last = f.ExpireAt
			}
		}
		if err := visit(f); err != nil {
			return err
		}
	}
}

// littleInt is a signed number of one to eight bytes, the lowest first.
func littleInt(p []byte) int64 {
	var v uint64
	for i, b := range p {
		v |= uint64(b) << (8 * i)
	}
	shift := 64 - 8*len(p)
	return int64(v<<shift) >> shift
}
