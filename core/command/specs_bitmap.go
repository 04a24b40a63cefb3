package command

func bitmapSpecs() []Spec {
	const group = "bitmap"
	unit := choice("unit", "BYTE", "BIT")
	get := after("GET", block("get-block", str("encoding"), integer("offset")))
	return []Spec{
		{
			Name: "bitcount", Handler: cmdBitCount, Arity: -2, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.6.0",
			Summary:    "Count the bits that are set in a string",
			Complexity: "O(N) with N being the length of the string",
			Args:       args(key("key"), optional(block("range", integer("start"), integer("end"), unit))),
		}, {
			Name: "bitfield", Grows: growsBitField, Handler: cmdBitField, Arity: -2, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: bitFieldAccess,
			KeyNotes:   "This command allows both access and modification of the key",
			Categories: CatBitmap, Group: group, Since: "3.2.0",
			Summary:    "Read and write integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args: args(key("key"), optional(multiple(oneOf("operation", get,
				block("write",
					optional(after("OVERFLOW", oneOf("overflow-block", token("WRAP"), token("SAT"), token("FAIL")))),
					oneOf("write-operation",
						after("SET", block("set-block", str("encoding"), integer("offset"), integer("value"))),
						after("INCRBY", block("incrby-block", str("encoding"), integer("offset"), integer("increment"))))))))),
		}, {
			Name: "bitfield_ro", Handler: cmdBitFieldRO, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "6.0.0",
			Summary:    "Read integers of any width in a string",
			Complexity: "O(1) for each operation",
			Args:       args(key("key"), optional(eachToken(get))),
		}, {
			Name: "bitop", Grows: growsBitOp, Handler: cmdBitOp, Arity: -4, Flags: Write | DenyOOM,
			FirstKey: 2, LastKey: -1, KeyStep: 1, KeyAccess: "OW update; RO access",
			Categories: CatBitmap, Group: group, Since: "2.6.0",
			Summary:    "Combine strings bit by bit and store the result",
			Complexity: "O(N) with N being the length of all strings",
			Args: args(oneOf("operation", token("AND"), token("OR"), token("XOR"), token("NOT"),
				token("DIFF"), token("DIFF1"), token("ANDOR"), token("ONE")),
				key("destkey"), multiple(key("key"))),
		}, {
			Name: "bitpos", Handler: cmdBitPos, Arity: -3, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.8.7",
			Summary:    "Find the first bit that is set, or clear, in a string",
			Complexity: "O(N) with N being the length of the string",
			Args: args(key("key"), integer("bit"), optional(block("range", integer("start"),
				optional(block("end-unit-block", integer("end"), unit))))),
		}, {
			Name: "getbit", Handler: cmdGetBit, Arity: 3, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatBitmap, Group: group, Since: "2.2.0",
			Summary:    "Return one bit of a string",
			Complexity: "O(1)",
			Args:       args(key("key"), integer("offset")),
		}, {
			Name: "setbit", Grows: growsSetBit, Handler: cmdSetBit, Arity: 4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatBitmap, Group: group, Since: "2.2.0",
			Summary:    "Set or clear one bit of a string, which grows if need be",
			Complexity: "O(1)",
			Args:       args(key("key"), integer("offset"), integer("value")),
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
