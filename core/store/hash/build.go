package hash

import "bytes"

// SetAll sets several fields, all or none: pairs are fields and values in turn.
// See Set.
func (f *Hash) SetAll(pairs [][]byte, expireAt int64) (created int, err error) {
	if !f.exists && expireAt <= 0 {
		if size, ok := f.buildable(pairs); ok {
			return f.build(pairs, size)
		}
	}
	if len(pairs) > 2 {
		f.Begin()
	}
	for i := 0; i < len(pairs); i += 2 {
		isNew, err := f.Set(pairs[i], pairs[i+1], expireAt)
		if err != nil {
			f.Undo()
			return 0, err
		}
		if isNew {
			created++
		}
	}
	return created, nil
}

// buildable says whether the pairs can become a pack as they are, and its size.
func (f *Hash) buildable(pairs [][]byte) (size int, ok bool) {
	fields, length := f.m.Limits.Get()
	if int64(len(pairs)) > 2*fields {
		return 0, false
	}
	for i := 0; i < len(pairs); i += 2 {
		field, value := pairs[i], pairs[i+1]
		if size += packSize(len(field), len(value), false); len(value) >= outOfLine || size > packBytes {
			return 0, false
		}
		if int64(max(len(field), len(value))) > length {
			return 0, false
		}
		for j := 0; j < i; j += 2 {
			if bytes.Equal(pairs[j], field) {
				return 0, false
			}
		}
	}
	return size, true
}

// build makes the hash with all its fields in one go.
func (f *Hash) build(pairs [][]byte, size int) (created int, err error) {
	if err := f.createWith(1+size, 0); err != nil {
		return 0, err
	}
	created = len(pairs) / 2
	f.v.Bytes[0] = byte(created)
	b := f.pack()
	for i := 0; i < len(pairs); i += 2 {
		n := packSize(len(pairs[i]), len(pairs[i+1]), false)
		copy(packHead(b[:n], pairs[i], len(pairs[i+1]), 0, 0), pairs[i+1])
		b = b[n:]
	}
	f.changed = true
	return created, nil
}
