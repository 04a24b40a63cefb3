package command

import (
	"encoding/binary"
	"math/bits"

	"github.com/redistill-go/redistill/core/store"
)

// rangeUnit reads argument i, BYTE or BIT: how many positions a byte has.
func (c *Ctx) rangeUnit(i int) (int64, bool) {
	switch {
	case i >= len(c.Args) || equalFold(c.Args[i], "byte"):
		return 1, true
	case equalFold(c.Args[i], "bit"):
		return 8, true
	}
	c.W.Error(errSyntax)
	return 0, false
}

func cmdBitCount(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	c.count(found)
	if !found {
		c.W.Int(0)
		return
	}
	if c.wrongType(e, store.String) {
		return
	}
	value := e.Value()
	switch len(c.Args) {
	case 2:
		c.W.Int(countBits(value, 0, int64(len(value))*8))
		return
	case 4, 5:
	default:
		c.W.Error(errSyntax)
		return
	}
	from, ok1 := c.integer(2)
	to, ok2 := c.integer(3)
	if !ok1 || !ok2 {
		c.W.Error(errNotInteger)
		return
	}
	if from < 0 && to < 0 && from > to {
		c.W.Int(0)
		return
	}
	unit, ok := c.rangeUnit(4)
	if !ok {
		return
	}
	first, last := span(from, to, int64(len(value))*unit)
	c.W.Int(countBits(value, first*(8/unit), last*(8/unit)))
}

// countBits counts the ones among the bits first to last-1.
func countBits(value []byte, first, last int64) int64 {
	if first >= last {
		return 0
	}
	p := value[first>>3 : (last+7)>>3]
	n := 0
	for len(p) >= 8 {
		n += bits.OnesCount64(binary.BigEndian.Uint64(p))
		p = p[8:]
	}
	for _, b := range p {
		n += bits.OnesCount8(b)
	}
	// What the first and the last byte have outside the range.
	n -= bits.OnesCount8(value[first>>3] &^ (0xff >> (first & 7)))
	n -= bits.OnesCount8(value[(last-1)>>3] & (0x7f >> ((last - 1) & 7)))
	return int64(n)
}

func cmdBitPos(c *Ctx) {
	bit, ok := c.integer(2)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	if bit&^1 != 0 {
		c.W.Error("ERR The bit argument must be 1 or 0.")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	c.count(found)
	if !found { // without an end, all zeros
		c.W.Int(-bit)
		return
	}
	if c.wrongType(e, store.String) {
		return
	}
	if len(c.Args) > 6 {
		c.W.Error(errSyntax)
		return
	}
	value := e.Value()
	first, last, ok := c.bitRange(int64(len(value)))
	if !ok {
		return
	}
	at := int64(-1)
	if first < last {
		at = findBit(value, first, last, bit == 1)
		// Behind its end a value has zeros, unless the range has an end too.
		if at < 0 && bit == 0 && len(c.Args) < 5 {
			at = last
		}
	}
	c.W.Int(at)
}

// bitRange reads BITPOS's [start [end [BYTE | BIT]]] as bits first to last-1 of
// a value of n bytes.
func (c *Ctx) bitRange(n int64) (first, last int64, ok bool) {
	if len(c.Args) == 3 {
		return 0, n * 8, true
	}
	from, ok := c.integer(3)
	if !ok {
		c.W.Error(errNotInteger)
		return 0, 0, false
	}
	unit, ok := c.rangeUnit(5)
	if !ok {
		return 0, 0, false
	}
	to := n*unit - 1
	if len(c.Args) > 4 {
		if to, ok = c.integer(4); !ok {
			c.W.Error(errNotInteger)
			return 0, 0, false
		}
	}
	first, last = clamp(from, to, n*unit)
	return first * (8 / unit), last * (8 / unit), true
}

// findBit is the first bit that is on, or off, among first to last-1, or -1.
func findBit(value []byte, first, last int64, on bool) int64 {
	var flip byte
	if !on {
		flip = 0xff
	}
	end := (last + 7) >> 3
	mask := byte(0xff >> (first & 7))
	for i := first >> 3; i < end; i++ {
		// Eight bytes at a time over what has no such bit.
		for mask == 0xff && i+8 <= end && binary.BigEndian.Uint64(value[i:]) == uint64(flip)*0x0101010101010101 {
			if i += 8; i == end {
				return -1
			}
		}
		if b := (value[i] ^ flip) & mask; b != 0 {
			if at := i<<3 + int64(bits.LeadingZeros8(b)); at < last {
				return at
			}
			return -1
		}
		mask = 0xff
	}
	return -1
}
