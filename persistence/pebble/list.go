package pebble

import (
	"bytes"
	"errors"
	"slices"
)

// size is a generation and how many bytes its tables take on disk.
type size struct {
	number uint32
	bytes  uint64
}

// refresh reads from the store which generations it holds, oldest first. b.mu
// is held.
func (b *Backend) refresh() error {
	levels, err := b.db.SSTables()
	if err != nil {
		return err
	}
	byNumber := map[uint32]uint64{}
	for _, tables := range levels {
		for _, t := range tables {
			key := t.Smallest.UserKey
			if bytes.Equal(key, layoutKey) {
				continue
			}
			gen, _, ok := splitChunk(key)
			if !ok || !bytes.HasPrefix(key, rowsKey) {
				return errors.New("a table holds keys that this version does not know")
			}
			byNumber[gen] += t.Size
		}
	}
	b.list = b.list[:0]
	for gen, n := range byNumber {
		b.list = append(b.list, size{gen, n})
	}
	slices.SortFunc(b.list, func(x, y size) int { return int(x.number) - int(y.number) })
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
