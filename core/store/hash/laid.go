package hash

import (
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
)

// Laid is long values of fields, each copied to where its field will have it. That
// takes long, and is done before the Home is locked: see Hash.Use. What no field has
// taken in the end is given back with Free. It belongs to one goroutine.
type Laid struct {
	s      *Shared
	values []laidValue
}

// laidValue is a value and its block, 0 once a field has it.
type laidValue struct {
	value []byte
	ref   arena.Ref
}

// LayOut copies the values among args that have copies.PinMin bytes and more. Where
// there is no memory for one, setting a field to it fails.
func (s *Shared) LayOut(args [][]byte) *Laid {
	l := &Laid{s: s}
	for _, a := range args {
		if len(a) < copies.PinMin || len(a) > MaxLength {
			continue
		}
		ref, err := s.Arena.Alloc(0, len(a)) // of no group, since it is long
		if err != nil {
			break
		}
		copy(s.Arena.Bytes(ref, len(a)), a)
		s.Lent.Add(int64(arena.Round(len(a))))
		l.values = append(l.values, laidValue{a, ref})
	}
	return l
}

// Free gives back what no field has taken.
func (l *Laid) Free() {
	for i := range l.values {
		if v := &l.values[i]; v.ref != 0 {
			l.s.Arena.Free(0, v.ref, len(v.value))
			l.gone(v)
		}
	}
}

// gone forgets a block that is laid out no more.
func (l *Laid) gone(v *laidValue) {
	l.s.Lent.Add(-int64(arena.Round(len(v.value))))
	v.ref = 0
}

// take gives away the block of a value, 0 if it has none.
func (l *Laid) take(value []byte) (ref arena.Ref) {
	for i := range l.values {
		if v := &l.values[i]; v.ref != 0 && len(v.value) == len(value) && &v.value[0] == &value[0] {
			ref = v.ref
			l.gone(v)
			break
		}
	}
	return ref
}

// Use makes fields that are set to values which were laid out take the blocks of
// those. The values are the same slices as LayOut got. l may be nil.
func (f *Hash) Use(l *Laid) { f.laid = l }

// place makes the block of a value that is out of line.
func (f *Hash) place(value []byte) (arena.Ref, error) {
	if f.laid != nil {
		if ref := f.laid.take(value); ref != 0 {
			f.m.outside.Add(1)
			return ref, nil
		}
	}
	ref, err := f.m.newValue(len(value))
	if err == nil {
		copy(f.m.Arena.Bytes(ref, len(value)), value)
	}
	return ref, err
}
