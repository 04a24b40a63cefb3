package command

// moveSpecs are the commands that take a value from one place to another.
func moveSpecs() []Spec {
	const group = "generic"
	return []Spec{
		{
			Name: "copy", Grows: growsCopy, Handler: cmdCopy, Arity: -3, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RO access; OW update",
			Categories: CatKeyspace, Group: group, Since: "6.2.0",
			Summary:    "Copy the value of a key and its expiry to another key",
			Complexity: "O(N) with N being the length of the value",
			Args: args(key("source"), key("destination"),
				optional(after("DB", integer("destination-db"))), optional(token("REPLACE"))),
		}, {
			Name: "dump", Handler: cmdDump, Arity: 2, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "2.6.0",
			Summary:    "Return the value of a key in a form that RESTORE takes",
			Complexity: "O(N) with N being the length of the value",
			Tips:       []string{"nondeterministic_output"},
			Args:       args(key("key")),
		}, {
			Name: "rename", Handler: cmdRename, Arity: 3, Flags: Write,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW update",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Rename a key, whatever the new name held before",
			Complexity: "O(N) with N being the length of the value",
			Args:       args(key("key"), key("newkey")),
		}, {
			Name: "renamenx", Handler: cmdRenameNX, Arity: 3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW insert",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Rename a key, only if no key has the new name",
			Complexity: "O(N) with N being the length of the value",
			Args:       args(key("key"), key("newkey")),
		}, {
			Name: "restore", Grows: growsRestore, Handler: cmdRestore, Arity: -4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatKeyspace | CatDangerous, Group: group, Since: "2.6.0",
			Summary:    "Create a key from what DUMP returned",
			Complexity: "O(N) with N being the length of the value",
			Args: args(key("key"), integer("ttl"), str("serialized-value"), optional(token("REPLACE")),
				optional(token("ABSTTL")), optional(after("IDLETIME", integer("seconds"))),
				optional(after("FREQ", integer("frequency")))),
		},
	}
}
