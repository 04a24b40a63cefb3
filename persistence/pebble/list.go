package pebble

import (
	"cmp"
	"slices"
)

// size is a generation and how many bytes its tables take on disk.
type size struct {
	number uint32
	bytes  uint64
}

// refresh reads from the store which tables it holds, by number, and which
// generations, oldest first. b.mu is held.
func (b *Backend) refresh() error {
	levels, err := b.db.SSTables()
	if err != nil {
		return err
	}
	b.tables, b.list = b.tables[:0], b.list[:0]
	byNumber := map[uint32]uint64{}
	for _, tables := range levels {
		for _, t := range tables {
			gen, err := generationIn(t.Smallest.UserKey)
			if err != nil {
				return err
			}
			b.tables = append(b.tables, tableID{number: uint64(t.BackingSSTNum), generation: gen, bytes: t.Size})
			if gen != 0 {
				byNumber[gen] += t.Size
			}
		}
	}
	slices.SortFunc(b.tables, func(x, y tableID) int { return cmp.Compare(x.number, y.number) })
	for gen, n := range byNumber {
		b.list = append(b.list, size{gen, n})
	}
	slices.SortFunc(b.list, func(x, y size) int { return cmp.Compare(x.number, y.number) })
	return nil
}

// next is the number of the next generation, from 1 on. Those that are being
// merged keep theirs.
func (b *Backend) next() uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.list) == 0 {
		return 1
	}
	return b.list[len(b.list)-1].number + 1
}

// generations are those that the store holds, oldest first.
func (b *Backend) generations() []size {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}
