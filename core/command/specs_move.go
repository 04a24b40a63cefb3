package command

import "github.com/redistill-go/redistill/core/command/arg"

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
			Args: arg.List(arg.Key("source"), arg.Key("destination"),
				arg.Optional(arg.After("DB", arg.Integer("destination-db"))), arg.Optional(arg.Token("REPLACE"))),
		}, {
			Name: "dump", Handler: cmdDump, Arity: 2, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "2.6.0",
			Summary:    "Return the value of a key in a form that RESTORE takes",
			Complexity: "O(N) with N being the length of the value",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "rename", Handler: cmdRename, Arity: 3, Flags: Write,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW update",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Rename a key, whatever the new name held before",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Key("newkey")),
		}, {
			Name: "renamenx", Handler: cmdRenameNX, Arity: 3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW insert",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Rename a key, only if no key has the new name",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Key("newkey")),
		}, {
			Name: "restore", Grows: growsRestore, Handler: cmdRestore, Arity: -4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatKeyspace | CatDangerous, Group: group, Since: "2.6.0",
			Summary:    "Create a key from what DUMP returned",
			Complexity: "O(N) with N being the length of the value",
			Args: arg.List(arg.Key("key"), arg.Integer("ttl"), arg.String("serialized-value"), arg.Optional(arg.Token("REPLACE")),
				arg.Optional(arg.Token("ABSTTL")), arg.Optional(arg.After("IDLETIME", arg.Integer("seconds"))),
				arg.Optional(arg.After("FREQ", arg.Integer("frequency")))),
		},
	}
}
