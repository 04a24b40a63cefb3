package bitmaps

import (
	"encoding/binary"
	"math/bits"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func bitcountSpecs() []command.Spec {
	unit := arg.Choice("unit", "BYTE", "BIT")
	return []command.Spec{
		{
			Name: "bitcount", Handler: cmdBitCount, Arity: -2, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatBitmap, Group: "bitmap", Since: "2.6.0",
			Summary:    "Count the bits that are set in a string",
			Complexity: "O(N) with N being the length of the string",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.Block("range", arg.Integer("start"), arg.Integer("end"), unit))),
		}, {
			Name: "bitpos", Handler: cmdBitPos, Arity: -3, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatBitmap, Group: "bitmap", Since: "2.8.7",
			Summary:    "Find the first bit that is set, or clear, in a string",
			Complexity: "O(N) with N being the length of the string",
			Args: arg.List(arg.Key("key"), arg.Integer("bit"), arg.Optional(arg.Block("range", arg.Integer("start"),
				arg.Optional(arg.Block("end-unit-block", arg.Integer("end"), unit))))),
		},
	}
}

// rangeUnit reads argument i, BYTE or BIT: how many positions a byte has.
func rangeUnit(c *command.Ctx, i int) (int64, bool) {
	switch {
	case i >= len(c.Args) || command.EqualFold(c.Args[i], "byte"):
		return 1, true
	case command.EqualFold(c.Args[i], "bit"):
		return 8, true
	}
	c.W.Error(command.TextSyntax)
	return 0, false
}

func cmdBitCount(c *command.Ctx) {
	from, to, unit := int64(0), int64(-1), int64(1)
	if len(c.Args) > 2 {
		var ok bool
		if from, to, unit, ok = countedRange(c); !ok {
			return
		}
	}
	switch l, found, ok := c.BorrowString(c.Key(1)); {
	case ok:
		first, last := command.Span(from, to, int64(len(l.Value))*unit)
		n := countAll(c, l.Value, first*(8/unit), last*(8/unit))
		c.GiveBack(l)
		c.W.Int(n)
	case !found:
		c.W.Int(0)
	}
}

// countedRange reads BITCOUNT's start end [BYTE | BIT].
func countedRange(c *command.Ctx) (from, to, unit int64, ok bool) {
	if len(c.Args) != 4 && len(c.Args) != 5 {
		c.W.Error(command.TextSyntax)
		return 0, 0, 0, false
	}
	from, ok1 := c.Integer(2)
	to, ok2 := c.Integer(3)
	if !ok1 || !ok2 {
		c.W.Error(command.TextNotInteger)
		return 0, 0, 0, false
	}
	unit, ok = rangeUnit(c, 4)
	return from, to, unit, ok
}

// bitStep is how many bits are looked at between two looks whether the client is
// still there: those of some hundred microseconds.
const bitStep = 8 << 20

// countAll is countBits that ends when the client has gone: nobody reads the reply.
func countAll(c *command.Ctx, value []byte, first, last int64) (n int64) {
	for ; last-first > bitStep; first += bitStep {
		if n += countBits(value, first, first+bitStep); c.Step() {
			return n
		}
	}
	return n + countBits(value, first, last)
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

func cmdBitPos(c *command.Ctx) {
	bit, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	if bit&^1 != 0 {
		c.W.Error("ERR The bit argument must be 1 or 0.")
		return
	}
	var r bitRange
	if !r.parse(c) {
		return
	}
	switch l, found, ok := c.BorrowString(c.Key(1)); {
	case ok:
		at := r.find(l.Value, bit == 1, c.Step)
		c.GiveBack(l)
		c.W.Int(at)
	case !found: // without an end, all zeros
		c.W.Int(-bit)
	}
}

// bitRange is BITPOS's [start [end [BYTE | BIT]]].
type bitRange struct {
	from, to, unit int64
	ends           bool // the end is given
}

func (r *bitRange) parse(c *command.Ctx) (ok bool) {
	r.unit, r.ends = 1, len(c.Args) > 4
	if len(c.Args) > 6 {
		c.W.Error(command.TextSyntax)
		return false
	}
	if len(c.Args) == 3 {
		return true
	}
	if r.from, ok = c.Integer(3); !ok {
		c.W.Error(command.TextNotInteger)
		return false
	}
	if r.unit, ok = rangeUnit(c, 5); !ok {
		return false
	}
	if r.ends {
		if r.to, ok = c.Integer(4); !ok {
			c.W.Error(command.TextNotInteger)
			return false
		}
	}
	return true
}

// find is the first bit of the range that is on, or off, or -1. Behind its end
// a value has zeros, unless the range has an end too. When gone says that nobody
// wants to know any more, it is any number.
func (r *bitRange) find(value []byte, on bool, gone func() bool) int64 {
	n := int64(len(value)) * r.unit
	to := n - 1
	if r.ends {
		to = r.to
	}
	first, last := command.Clamp(r.from, to, n)
	if first >= last {
		return -1
	}
	first, last = first*(8/r.unit), last*(8/r.unit)
	for ; last-first > bitStep; first += bitStep {
		if at := findBit(value, first, first+bitStep, on); at >= 0 || gone() {
			return at
		}
	}
	at := findBit(value, first, last, on)
	if at < 0 && !on && !r.ends {
		return last
	}
	return at
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
