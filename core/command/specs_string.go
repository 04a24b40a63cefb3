package command

import "github.com/redistill-go/redistill/core/command/arg"

// expiryOptions are the expiry options that SET and GETEX share.
func expiryOptions(last string) arg.Arg {
	return arg.Optional(arg.OneOf("expiration",
		arg.After("EX", arg.Integer("seconds")),
		arg.After("PX", arg.Integer("milliseconds")),
		arg.After("EXAT", arg.UnixTime("unix-time-seconds")),
		arg.After("PXAT", arg.UnixTime("unix-time-milliseconds")),
		arg.Token(last)))
}

func stringSpecs() []Spec {
	const group = "string"
	keyValues := arg.Multiple(arg.Block("data", arg.Key("key"), arg.String("value")))
	return []Spec{
		{
			Name: "append", Grows: growsAppend, Handler: cmdAppend, Arity: 3, Flags: Write | DenyOOM | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW insert",
			Categories: CatString, Group: group, Since: "2.0.0",
			Summary:    "Append to the value of a key, which is created if it doesn't exist",
			Complexity: "O(N) with N being the length of the new value",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "decr", Handler: cmdDecr, Arity: 2, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Subtract one from the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "decrby", Handler: cmdDecrBy, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Subtract a number from the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("decrement")),
		}, {
			Name: "get", Handler: cmdGet, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Return the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getdel", Handler: cmdGetDel, Arity: 2, Flags: Write | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access delete",
			Categories: CatString, Group: group, Since: "6.2.0",
			Summary:    "Return the value of a key and delete the key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getex", Handler: cmdGetEx, Arity: -2, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Categories: CatString, Group: group, Since: "6.2.0",
			Summary:    "Return the value of a key and change its expiry",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), expiryOptions("PERSIST")),
		}, {
			Name: "getrange", Handler: cmdGetRange, Arity: 4, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "2.4.0",
			Summary:    "Return part of the value of a key",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		}, {
			Name: "getset", Handler: cmdGetSet, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Set the value of a key and return its old value",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "incr", Handler: cmdIncr, Arity: 2, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Add one to the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "incrby", Handler: cmdIncrBy, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Add a number to the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("increment")),
		}, {
			Name: "incrbyfloat", Handler: cmdIncrByFloat, Arity: 3, Flags: Write | DenyOOM | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: group, Since: "2.6.0",
			Summary:    "Add a number to the floating-point value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Double("increment")),
		}, {
			Name: "mget", Handler: cmdMGet, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Return the values of several keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "mset", Handler: cmdMSet, Arity: -3, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW update",
			Categories: CatString, Group: group, Since: "1.0.1",
			Summary:    "Set the values of several keys at once",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args:       arg.List(keyValues),
		}, {
			Name: "msetnx", Handler: cmdMSetNX, Arity: -3, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW insert",
			Categories: CatString, Group: group, Since: "1.0.1",
			Summary:    "Set the values of several keys at once, only if none of them exists",
			Complexity: "O(N) with N being the number of keys",
			Args:       arg.List(keyValues),
		}, {
			Name: "psetex", Handler: cmdPSetEx, Arity: 4, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatString, Group: group, Since: "2.6.0",
			Summary:    "Set the value of a key and its time to live in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("milliseconds"), arg.String("value")),
		}, {
			Name: "set", Handler: cmdSet, Arity: -3, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: setAccess,
			KeyNotes:   "RW and ACCESS due to the optional `GET` argument",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Set the value of a key, whatever it held before",
			Complexity: "O(1)",
			Args: arg.List(arg.Key("key"), arg.String("value"),
				arg.Optional(arg.OneOf("condition", append([]arg.Arg{arg.Token("NX"), arg.Token("XX")}, comparisonOptions()...)...)),
				arg.Optional(arg.Token("GET")), expiryOptions("KEEPTTL")),
		}, {
			Name: "setex", Handler: cmdSetEx, Arity: 4, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatString, Group: group, Since: "2.0.0",
			Summary:    "Set the value of a key and its time to live in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("seconds"), arg.String("value")),
		}, {
			Name: "setnx", Handler: cmdSetNX, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW insert",
			Categories: CatString, Group: group, Since: "1.0.0",
			Summary:    "Set the value of a key, only if it doesn't exist",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "setrange", Grows: growsSetRange, Handler: cmdSetRange, Arity: 4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatString, Group: group, Since: "2.2.0",
			Summary:    "Overwrite part of the value of a key, from an offset on",
			Complexity: "O(M) with M being the length of the written part",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset"), arg.String("value")),
		}, {
			Name: "strlen", Handler: cmdStrLen, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatString, Group: group, Since: "2.2.0",
			Summary:    "Return the length of the value of a key in bytes",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		},
	}
}

// setAccess is AccessOf of SET, which returns the old value after GET.
func setAccess(request [][]byte) string {
	if given(request[3:], "get") {
		return "RW access update"
	}
	return "OW update"
}
