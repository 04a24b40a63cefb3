package rdb

import "hash/maphash"

// names finds out which names of a hash's fields come twice. It keeps two
// seeded hashes of each name and not the name: that two of them are the same by
// chance is as good as impossible, and nobody outside knows the seeds. The zero
// names is empty.
type names struct {
	few   [16][2]uint64 // the first ones, until there are more
	table [][2]uint64   // all, a power of two, at most half full; zeroes are free
	n     int
	seeds [2]maphash.Seed
	ready bool // seeds have been made
}

// keptNames is how many names there may be for the table to be kept.
const keptNames = 1 << 12

func (s *names) reset() {
	if s.n >= len(s.few) {
		clear(s.table)
	}
	if s.n = 0; len(s.table) > 2*keptNames {
		s.table = nil
	}
}

// add says whether the name is new.
func (s *names) add(name []byte) bool {
	if !s.ready {
		s.seeds, s.ready = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, true
	}
	h := [2]uint64{maphash.Bytes(s.seeds[0], name) | 1, maphash.Bytes(s.seeds[1], name)}
	if s.n < len(s.few) {
		for i := range s.few[:s.n] {
			if s.few[i] == h {
				return false
			}
		}
		s.few[s.n] = h
		s.n++
		return true
	}
	if s.n == len(s.few) {
		s.fill(s.few[:])
	} else if 2*s.n >= len(s.table) {
		s.grow()
	}
	at := s.place(h)
	if s.table[at] == h {
		return false
	}
	s.table[at] = h
	s.n++
	return true
}

// place is where h is, or where it goes.
func (s *names) place(h [2]uint64) uint64 {
	mask := uint64(len(s.table) - 1)
	at := h[1] & mask
	for s.table[at] != h && s.table[at] != [2]uint64{} {
		at = (at + 1) & mask
	}
	return at
}

func (s *names) grow() {
	old := s.table
	s.table = make([][2]uint64, 2*len(old))
	s.fill(old)
}

// fill puts hashes, and no zeroes, into the table, which is large enough.
func (s *names) fill(hashes [][2]uint64) {
	if s.table == nil {
		s.table = make([][2]uint64, 4*len(s.few))
	}
	for _, h := range hashes {
		if h != [2]uint64{} {
			s.table[s.place(h)] = h
		}
	}
}
