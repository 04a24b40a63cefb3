package command

import "github.com/redistill-go/redistill/core/command/arg"

func bitmapSpecs() []Spec {
	const group = "bitmap"
	unit := arg.Choice("unit", "BYTE", "BIT")
	get := arg.After("GET", arg.Block("get-block", arg.String("encoding"), arg.Integer("offset")))
	return []Spec{
		{
			Name: "bitcount", Handler: cmdBitCount, Arity: -2, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.6.0",
			Summary:    "Count the bits that are set in a string",
			Complexity: "O(N) with N being the length of the string",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.Block("range", arg.Integer("start"), arg.Integer("end"), unit))),
		}, {
			Name: "bitfield", Grows: growsBitField, Handler: cmdBitField, Arity: -2, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: bitFieldAccess,
			KeyNotes:   "This command allows both access and modification of the key",
			Categories: CatBitmap, Group: group, Since: "3.2.0",
			Summary:    "Read and write integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args: arg.List(arg.Key("key"), arg.Optional(arg.Multiple(arg.OneOf("operation", get,
				arg.Block("write",
					arg.Optional(arg.After("OVERFLOW", arg.OneOf("overflow-block", arg.Token("WRAP"), arg.Token("SAT"), arg.Token("FAIL")))),
					arg.OneOf("write-operation",
						arg.After("SET", arg.Block("set-block", arg.String("encoding"), arg.Integer("offset"), arg.Integer("value"))),
						arg.After("INCRBY", arg.Block("incrby-block", arg.String("encoding"), arg.Integer("offset"), arg.Integer("increment"))))))))),
		}, {
			Name: "bitfield_ro", Handler: cmdBitFieldRO, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "6.0.0",
			Summary:    "Read integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.EachToken(get))),
		}, {
			Name: "bitop", Grows: growsBitOp, Handler: cmdBitOp, Arity: -4, Flags: Write | DenyOOM,
			FirstKey: 2, LastKey: -1, KeyStep: 1, KeyAccess: "OW update; RO access",
			Categories: CatBitmap, Group: group, Since: "2.6.0",
			Summary:    "Combine strings bit by bit and store the result",
			Complexity: "O(N) with N being the length of all strings",
			Args: arg.List(arg.OneOf("operation", arg.Token("AND"), arg.Token("OR"), arg.Token("XOR"), arg.Token("NOT"),
				arg.Token("DIFF"), arg.Token("DIFF1"), arg.Token("ANDOR"), arg.Token("ONE")),
				arg.Key("destkey"), arg.Multiple(arg.Key("key"))),
		}, {
			Name: "bitpos", Handler: cmdBitPos, Arity: -3, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.8.7",
			Summary:    "Find the first bit that is set, or clear, in a string",
			Complexity: "O(N) with N being the length of the string",
			Args: arg.List(arg.Key("key"), arg.Integer("bit"), arg.Optional(arg.Block("range", arg.Integer("start"),
				arg.Optional(arg.Block("end-unit-block", arg.Integer("end"), unit))))),
		}, {
			Name: "getbit", Handler: cmdGetBit, Arity: 3, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.2.0",
			Summary:    "Return one bit of a string",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset")),
		}, {
			Name: "setbit", Grows: growsSetBit, Handler: cmdSetBit, Arity: 4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatBitmap, Group: group, Since: "2.2.0",
			Summary:    "Set or clear one bit of a string, which grows if need be",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset"), arg.Integer("value")),
		},
	}
}

// bitFieldAccess is AccessOf of BITFIELD, which only reads without SET and INCRBY.
func bitFieldAccess(request [][]byte) string {
	if given(request[2:], "set") || given(request[2:], "incrby") {
		return "RW access update"
	}
	return "RO access"
}
