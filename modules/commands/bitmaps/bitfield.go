package bitmaps

import (
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func bitfieldSpecs() []command.Spec {
	get := arg.After("GET", arg.Block("get-block", arg.String("encoding"), arg.Integer("offset")))
	return []command.Spec{
		{
			Name: "bitfield", Grows: growsBitField, Handler: cmdBitField, Arity: -2, Flags: command.Write | command.DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: bitFieldAccess,
			KeyNotes:   "This command allows both access and modification of the key",
			Categories: command.CatBitmap, Group: "bitmap", Since: "3.2.0",
			Summary:    "Read and write integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args: arg.List(arg.Key("key"), arg.Optional(arg.Multiple(arg.OneOf("operation", get,
				arg.Block("write",
					arg.Optional(arg.After("OVERFLOW", arg.OneOf("overflow-block", arg.Token("WRAP"), arg.Token("SAT"), arg.Token("FAIL")))),
					arg.OneOf("write-operation",
						arg.After("SET", arg.Block("set-block", arg.String("encoding"), arg.Integer("offset"), arg.Integer("value"))),
						arg.After("INCRBY", arg.Block("incrby-block", arg.String("encoding"), arg.Integer("offset"), arg.Integer("increment"))))))))),
		}, {
			Name: "bitfield_ro", Handler: cmdBitFieldRO, Arity: -2, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatBitmap, Group: "bitmap", Since: "6.0.0",
			Summary:    "Read integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.EachToken(get))),
		},
	}
}

// bitField is one operation of BITFIELD.
type bitField struct {
	action   fieldAction
	signed   bool
	bits     uint // 1 to 64, unsigned to 63
	at       uint64
	operand  int64
	overflow overflowRule
}

type fieldAction uint8

const (
	fieldGet fieldAction = iota
	fieldSet
	fieldIncr
)

// overflowRule is what is done with a number that doesn't fit its field.
type overflowRule uint8

const (
	overflowWrap overflowRule = iota
	overflowSat               // the nearest number that fits
	overflowFail              // nothing is written and the reply is null
)

func cmdBitField(c *command.Ctx)   { bitFields(c, false) }
func cmdBitFieldRO(c *command.Ctx) { bitFields(c, true) }

func bitFields(c *command.Ctx, readOnly bool) {
	ops, problem := parseBitFields(c)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	size := reachOf(ops)
	if readOnly && size > 0 {
		c.W.Error("ERR BITFIELD_RO only supports the GET subcommand")
		return
	}
	command.UntilDone(func(locked bool) bool { return runFields(c, ops, int(size), locked) })
}

// runFields is BITFIELD of operations that need a value of size bytes, 0 if none of
// them writes: see Ctx.rewrite.
func runFields(c *command.Ctx, ops []bitField, size int, locked bool) (done bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if size == 0 {
		c.Count(found)
	}
	if found && c.WrongType(e, store.String) {
		return true
	}
	before := c.W.Mark()
	run := func(value []byte) {
		c.W.Array(len(ops))
		for i := range ops {
			if n, ok := ops[i].run(value); ok {
				c.W.Int(n)
			} else {
				c.W.Null()
			}
		}
	}
	if size == 0 {
		var value []byte
		if found {
			value = e.Value()
		}
		run(value)
		return true
	}
	done, err := c.Rewrite(sh, k, e, found, size, len(ops), locked, run)
	if err != nil || !done {
		c.W.Rewind(before)
	}
	if err != nil {
		c.Fail(err)
	}
	return done
}

// reachOf is how many bytes long a value must be for all fields that are written.
func reachOf(ops []bitField) (size uint64) {
	for _, op := range ops {
		if op.action != fieldGet {
			size = max(size, (op.at+uint64(op.bits)+7)/8)
		}
	}
	return size
}

// parseBitFields reads all operations, or says what is wrong with them.
func parseBitFields(c *command.Ctx) (ops []bitField, problem string) {
	var ok bool
	rule := overflowWrap
	for i := 2; i < len(c.Args); {
		op := bitField{overflow: rule}
		left, name := len(c.Args)-i-1, c.Args[i]
		switch {
		case command.EqualFold(name, "get") && left >= 2:
		case command.EqualFold(name, "set") && left >= 3:
			op.action = fieldSet
		case command.EqualFold(name, "incrby") && left >= 3:
			op.action = fieldIncr
		case command.EqualFold(name, "overflow") && left >= 1:
			if rule, ok = parseOverflow(c.Args[i+1]); !ok {
				return nil, "ERR Invalid OVERFLOW type specified"
			}
			i += 2
			continue
		default:
			return nil, command.TextSyntax
		}
		if op.signed, op.bits, ok = parseFieldType(c.Args[i+1]); !ok {
			return nil, "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
		}
		if op.at, ok = parseBitOffset(c, i+2, int64(op.bits)); !ok {
			return nil, errBitOffset
		}
		i += 3
		if op.action != fieldGet {
			if op.operand, ok = c.Integer(i); !ok {
				return nil, command.TextNotInteger
			}
			i++
		}
		ops = append(ops, op)
	}
	return ops, ""
}

func parseOverflow(a []byte) (overflowRule, bool) {
	switch {
	case command.EqualFold(a, "wrap"):
		return overflowWrap, true
	case command.EqualFold(a, "sat"):
		return overflowSat, true
	case command.EqualFold(a, "fail"):
		return overflowFail, true
	}
	return 0, false
}

func parseFieldType(a []byte) (signed bool, bits uint, ok bool) {
	if len(a) < 2 || a[0] != 'i' && a[0] != 'u' {
		return false, 0, false
	}
	signed = a[0] == 'i'
	n, ok := resp.ParseInt(a[1:])
	if !ok || n < 1 || n > 64 || n == 64 && !signed {
		return false, 0, false
	}
	return signed, uint(n), true
}

// run executes the operation on the value, which is long enough if it writes,
// and returns what to reply; false: null.
func (op *bitField) run(value []byte) (int64, bool) {
	old := op.extend(getBits(value, op.at, op.bits))
	var next int64
	var fits bool
	switch op.action {
	case fieldGet:
		return old, true
	case fieldSet:
		next, fits = op.add(op.operand, 0)
	case fieldIncr:
		next, fits = op.add(old, op.operand)
	}
	if !fits && op.overflow == overflowFail {
		return 0, false
	}
	putBits(value, op.at, op.bits, uint64(next))
	if op.action == fieldSet {
		return old, true
	}
	return next, true
}

// extend makes the number that a field's bits stand for.
func (op *bitField) extend(bits uint64) int64 {
	if op.signed {
		return int64(bits<<(64-op.bits)) >> (64 - op.bits)
	}
	return int64(bits)
}

// add is a+b as the field holds it and whether it fits without the rule for
// overflows.
func (op *bitField) add(a, b int64) (sum int64, fits bool) {
	least, most := int64(0), int64(math.MaxInt64)>>(63-op.bits&63)
	if op.signed {
		most = math.MaxInt64 >> (64 - op.bits)
		least = -most - 1
	}
	// An unsigned field takes a negative number for one of 64 bits.
	above := a > most || !op.signed && a < 0 || b > 0 && a > most-b
	if op.signed && op.bits != 64 && most-a < 0 {
		above = true // a is so far below that the difference overflows: Redis takes it for one above
	}
	below := !above && (a < least || b < 0 && a < least-b)
	if !op.signed && !above { // where least-b could overflow, and a+b can't
		below = a+b < 0
	}
	switch {
	case !above && !below:
		return a + b, true
	case op.overflow != overflowSat:
		return op.extend(uint64(a+b) & (math.MaxUint64 >> (64 - op.bits))), false
	case above:
		return most, false
	default:
		return least, false
	}
}

// getBits reads n bits; those behind the end of the value are zero.
func getBits(value []byte, at uint64, n uint) (bits uint64) {
	for ; n > 0; n, at = n-1, at+1 {
		bits = bits<<1 | uint64(bitOf(value, at))
	}
	return bits
}

// putBits writes the lowest n bits.
func putBits(value []byte, at uint64, n uint, bits uint64) {
	for ; n > 0; n, at = n-1, at+1 {
		mask := byte(0x80 >> (at & 7))
		if value[at>>3] &^= mask; bits>>(n-1)&1 == 1 {
			value[at>>3] |= mask
		}
	}
}

// bitFieldAccess is AccessOf of BITFIELD, which only reads without SET and INCRBY.
func bitFieldAccess(request [][]byte) string {
	if command.Given(request[2:], "set") || command.Given(request[2:], "incrby") {
		return "RW access update"
	}
	return "RO access"
}

func growsBitField(c *command.Ctx) int64 {
	ops, problem := parseBitFields(c)
	if problem != "" {
		return 0
	}
	return c.GrowsTo(c.Key(1), int64(reachOf(ops)))
}
