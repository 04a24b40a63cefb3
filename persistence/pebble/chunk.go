package pebble

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// chunk gathers rows in memory, in any order, and gives them back sorted by
// slot and key. Of rows with the same key the last counts.
type chunk struct {
	arena []byte // keys and values, in the order they came
	rows  []span
	order []uint64 // slot and number of each row, sorted
}

// span is a row in the arena. A chunk is far smaller than 4 GiB even if it is
// one row that is as large as rows get.
type span struct {
	key, value, end uint32
}

func (c *chunk) key(i uint64) []byte   { return c.arena[c.rows[i].key:c.rows[i].value] }
func (c *chunk) value(i uint64) []byte { return c.arena[c.rows[i].value:c.rows[i].end] }

// slotShift leaves room for the number of a row below its slot.
const slotShift = 48

// add appends the row whose value appendTo appends.
func (c *chunk) add(key []byte, appendTo func(dst []byte) []byte) {
	s := span{key: uint32(len(c.arena))}
	c.arena = append(c.arena, key...)
	s.value = uint32(len(c.arena))
	c.arena = appendTo(c.arena)
	s.end = uint32(len(c.arena))
	c.order = append(c.order, uint64(slotOf(key))<<slotShift|uint64(len(c.rows)))
	c.rows = append(c.rows, s)
}

// each calls yield with the slot, key and value of all rows in their order.
func (c *chunk) each(yield func(slot uint16, key, value []byte) error) error {
	slices.Sort(c.order)
	const number = 1<<slotShift - 1
	for begin := 0; begin < len(c.order); {
		slot, end := c.order[begin]>>slotShift, begin+1
		for end < len(c.order) && c.order[end]>>slotShift == slot {
			end++
		}
		same := c.order[begin:end] // few
		slices.SortStableFunc(same, func(a, b uint64) int { return bytes.Compare(c.key(a&number), c.key(b&number)) })
		for i, o := range same {
			key := c.key(o & number)
			if i+1 < len(same) && bytes.Equal(key, c.key(same[i+1]&number)) {
				continue
			}
			if err := yield(uint16(slot), key, c.value(o&number)); err != nil {
				return err
			}
		}
		begin = end
	}
	return nil
}

// reset empties the chunk and keeps its memory, up to limit bytes.
func (c *chunk) reset(limit int) {
	if cap(c.arena) > 2*limit { // don't hold a huge value's memory
		c.arena = nil
	}
	c.arena, c.rows, c.order = c.arena[:0], c.rows[:0], c.order[:0]
}

// setSlot completes a row's key, which begins with the chunk's prefix.
func setSlot(dst []byte, slot uint16, key []byte) []byte {
	return append(binary.BigEndian.AppendUint16(dst[:chunkPrefix], slot), key...)
}
