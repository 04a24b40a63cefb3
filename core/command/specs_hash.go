package command

import "github.com/redistill-go/redistill/core/command/arg"

func hashSpecs() []Spec {
	return append(append(hashReadSpecs(), hashWriteSpecs()...), fieldExpirySpecs()...)
}

const hashGroup = "hash"

var (
	fieldValue  = arg.Multiple(arg.Block("data", arg.String("field"), arg.String("value")))
	namedFields = arg.After("FIELDS", arg.Block("fields", arg.Integer("numfields"), arg.Multiple(arg.String("field"))))
)

// hashRow fills in what all hash commands have in common: one key, first.
func hashRow(s Spec, access string) Spec {
	s.FirstKey, s.LastKey, s.KeyStep, s.KeyAccess = 1, 1, 1, access
	s.Categories |= CatHash
	s.Group = hashGroup
	return s
}

func hashReadSpecs() []Spec {
	return []Spec{
		hashRow(Spec{
			Name: "hexists", Handler: cmdHExists, Arity: 3, Flags: ReadOnly | Fast, Brief: true, Since: "2.0.0",
			Summary:    "Say whether a field of a hash exists",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO"),
		hashRow(Spec{
			Name: "hget", Handler: cmdHGet, Arity: 3, Flags: ReadOnly | Fast, Brief: true, Since: "2.0.0",
			Summary:    "Return the value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO access"),
		hashRow(Spec{
			Name: "hgetall", Handler: cmdHGetAll, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields and values of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(Spec{
			Name: "hkeys", Handler: cmdHKeys, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(Spec{
			Name: "hlen", Handler: cmdHLen, Arity: 2, Flags: ReadOnly | Fast, Brief: true, Since: "2.0.0",
			Summary:    "Return the number of fields of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, "RO"),
		hashRow(Spec{
			Name: "hmget", Handler: cmdHMGet, Arity: -3, Flags: ReadOnly | Fast, Since: "2.0.0",
			Summary:    "Return the values of several fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), arg.Multiple(arg.String("field"))),
		}, "RO access"),
		hashRow(Spec{
			Name: "hrandfield", Handler: cmdHRandField, Arity: -2, Flags: ReadOnly, Since: "6.2.0",
			Summary:    "Return one or more fields of a hash chosen at random",
			Complexity: "O(N) with N being the number of fields",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.Block("options", arg.Integer("count"), arg.Optional(arg.Token("WITHVALUES"))))),
		}, "RO access"),
		hashRow(Spec{
			Name: "hscan", Handler: cmdHScan, Arity: -3, Flags: ReadOnly, Since: "2.8.0",
			Summary:    "Return all fields of a hash, some at a time",
			Complexity: "O(1) for each call, O(N) for all N fields",
			Tips:       []string{"nondeterministic_output"},
			Args: arg.List(arg.Key("key"), arg.Integer("cursor"),
				arg.Optional(arg.After("MATCH", arg.Pattern("pattern"))),
				arg.Optional(arg.After("COUNT", arg.Integer("count"))),
				arg.Optional(arg.Token("NOVALUES"))),
		}, "RO access"),
		hashRow(Spec{
			Name: "hstrlen", Handler: cmdHStrLen, Arity: 3, Flags: ReadOnly | Fast, Brief: true, Since: "3.2.0",
			Summary:    "Return the length of the value of a field of a hash in bytes",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO"),
		hashRow(Spec{
			Name: "hvals", Handler: cmdHVals, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all values of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
	}
}

func hashWriteSpecs() []Spec {
	return []Spec{
		hashRow(Spec{
			Name: "hdel", Handler: cmdHDel, Arity: -3, Flags: Write | Fast, Since: "2.0.0",
			Summary:    "Delete fields of a hash, and the hash with the last one",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), arg.Multiple(arg.String("field"))),
		}, "RW delete"),
		hashRow(Spec{
			Name: "hincrby", Handler: cmdHIncrBy, Arity: 4, Flags: Write | DenyOOM | Fast, Since: "2.0.0",
			Summary:    "Add a number to the integer value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Integer("increment")),
		}, "RW access update"),
		hashRow(Spec{
			Name: "hincrbyfloat", Handler: cmdHIncrByFloat, Arity: 4, Flags: Write | DenyOOM | Fast, Since: "2.6.0",
			Summary:    "Add a number to the floating-point value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Double("increment")),
		}, "RW access update"),
		hashRow(Spec{
			Name: "hmset", Grows: growsLong, Handler: cmdHMSet, Arity: -4, Flags: Write | DenyOOM | Fast, Since: "2.0.0",
			Summary:    "Set the values of several fields of a hash; prefer HSET",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), fieldValue),
		}, "RW update"),
		hashRow(Spec{
			Name: "hset", Grows: growsLong, Handler: cmdHSet, Arity: -4, Flags: Write | DenyOOM | Fast, Brief: true, Since: "2.0.0",
			Summary:    "Set the values of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), fieldValue),
		}, "RW update"),
		hashRow(Spec{
			Name: "hsetnx", Grows: growsLong, Handler: cmdHSetNX, Arity: 4, Flags: Write | DenyOOM | Fast, Since: "2.0.0",
			Summary:    "Set the value of a field of a hash, only if the field doesn't exist",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.String("value")),
		}, "RW insert"),
	}
}

func fieldExpirySpecs() []Spec {
	condition := arg.Choice("condition", "NX", "XX", "GT", "LT")
	expire := func(name string, handler func(*Ctx), when arg.Arg, summary string) Spec {
		return hashRow(Spec{
			Name: name, Handler: handler, Arity: -6, Flags: Write | Fast, Since: "7.4.0",
			Summary:    summary,
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), when, condition, namedFields),
		}, "RW update")
	}
	read := func(name string, handler func(*Ctx), summary string, tips ...string) Spec {
		return hashRow(Spec{
			Name: name, Handler: handler, Arity: -5, Flags: ReadOnly | Fast, Since: "7.4.0",
			Summary:    summary,
			Complexity: "O(N) with N being the number of fields",
			Tips:       tips,
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RO access")
	}
	return []Spec{
		expire("hexpire", cmdHExpire, arg.Integer("seconds"), "Set the time to live of fields of a hash in seconds"),
		expire("hexpireat", cmdHExpireAt, arg.UnixTime("unix-time-seconds"), "Set the expiry of fields of a hash as a Unix time in seconds"),
		expire("hpexpire", cmdHPExpire, arg.Integer("milliseconds"), "Set the time to live of fields of a hash in milliseconds"),
		expire("hpexpireat", cmdHPExpireAt, arg.UnixTime("unix-time-milliseconds"), "Set the expiry of fields of a hash as a Unix time in milliseconds"),
		read("hexpiretime", cmdHExpireTime, "Return the expiry of fields of a hash as a Unix time in seconds"),
		read("hpexpiretime", cmdHPExpireTime, "Return the expiry of fields of a hash as a Unix time in milliseconds"),
		read("hpttl", cmdHPTTL, "Return the remaining time to live of fields of a hash in milliseconds", "nondeterministic_output"),
		read("httl", cmdHTTL, "Return the remaining time to live of fields of a hash in seconds", "nondeterministic_output"),
		hashRow(Spec{
			Name: "hgetdel", Handler: cmdHGetDel, Arity: -5, Flags: Write | Fast, Since: "8.0.0",
			Summary:    "Return the values of fields of a hash and delete the fields",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RW access delete"),
		hashRow(Spec{
			Name: "hgetex", Handler: cmdHGetEx, Arity: -5, Flags: Write | Fast, Since: "8.0.0",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Summary:    "Return the values of fields of a hash and change their expiry",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), expiryOptions("PERSIST"), namedFields),
		}, "RW access update"),
		hashRow(Spec{
			Name: "hpersist", Handler: cmdHPersist, Arity: -5, Flags: Write | Fast, Since: "7.4.0",
			Summary:    "Remove the expiry of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RW update"),
		hashRow(Spec{
			Name: "hsetex", Grows: growsLong, Handler: cmdHSetEx, Arity: -6, Flags: Write | DenyOOM | Fast, Since: "8.0.0",
			Summary:    "Set the values and the expiry of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args: arg.List(arg.Key("key"), arg.Choice("condition", "FNX", "FXX"), expiryOptions("KEEPTTL"),
				arg.After("FIELDS", arg.Block("fields", arg.Integer("numfields"), fieldValue))),
		}, "RW update"),
	}
}
