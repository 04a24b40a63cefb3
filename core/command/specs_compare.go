package command

import "github.com/redistill-go/redistill/core/command/arg"

// comparisonOptions are the conditions on a value that SET and DELEX share.
func comparisonOptions() []arg.Arg {
	return []arg.Arg{
		arg.After("IFEQ", arg.String("ifeq-value")), arg.After("IFNE", arg.String("ifne-value")),
		arg.After("IFDEQ", arg.String("ifdeq-digest")), arg.After("IFDNE", arg.String("ifdne-digest")),
	}
}

// compareSpecs are the commands that compare values, and those string commands
// that came with them.
func compareSpecs() []Spec {
	const group = "string"
	return []Spec{
		{
			Name: "delex", Handler: cmdDelEx, Arity: -2, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW delete variable_flags",
			Categories: CatString, Group: group, Since: "8.4.0",
			Summary:    "Delete a key, only if its value or the digest of it is as expected",
			Complexity: "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.OneOf("condition", comparisonOptions()...))),
		}, {
			Name: "delifeq", Handler: cmdDelIfEq, Arity: 3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: CatString, Group: group, Since: "9.0.0",
			Summary:    "Delete a key, only if its value is the given one",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "digest", Handler: cmdDigest, Arity: 2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "8.4.0",
			Summary:    "Return the XXH3 hash of the value of a key",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "lcs", Handler: cmdLCS, Arity: -3, Flags: ReadOnly,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "7.0.0",
			Summary:    "Find the longest common subsequence of two strings",
			Complexity: "O(N*M) with N and M being the lengths of the strings",
			Args: arg.List(arg.Key("key1"), arg.Key("key2"), arg.Optional(arg.Token("LEN")), arg.Optional(arg.Token("IDX")),
				arg.Optional(arg.After("MINMATCHLEN", arg.Integer("min-match-len"))), arg.Optional(arg.Token("WITHMATCHLEN"))),
		}, {
			Name: "msetex", Handler: cmdMSetEx, Arity: -4, Flags: Write | DenyOOM | MovableKeys,
			KeyCount: 1, FirstKey: 2, KeyStep: 2, KeyAccess: "OW update",
			Categories: CatString, Group: group, Since: "8.4.0",
			Summary:    "Set the values of several keys at once, with one expiry for all",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args: arg.List(arg.Integer("numkeys"), arg.Multiple(arg.Block("data", arg.Key("key"), arg.String("value"))),
				arg.Choice("condition", "NX", "XX"), expiryOptions("KEEPTTL")),
		}, {
			Name: "substr", Handler: cmdGetRange, Arity: 4, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Return part of the value of a key; the same as GETRANGE",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		},
	}
}
