package command

import "github.com/redistill-go/redistill/core/command/arg"

func genericSpecs() []Spec {
	const group = "generic"
	expireCondition := arg.Choice("condition", "NX", "XX", "GT", "LT")
	return []Spec{
		{
			Name: "del", Handler: cmdDel, Arity: -2, Flags: Write,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Delete keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "exists", Handler: cmdExists, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Return how many of the given keys exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "expire", Handler: cmdExpire, Arity: -3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Set the time to live of a key in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("seconds"), expireCondition),
		}, {
			Name: "expireat", Handler: cmdExpireAt, Arity: -3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatKeyspace, Group: group, Since: "1.2.0",
			Summary:    "Set the expiry of a key as a Unix time in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.UnixTime("unix-time-seconds"), expireCondition),
		}, {
			Name: "expiretime", Handler: cmdExpireTime, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "7.0.0",
			Summary:    "Return the expiry of a key as a Unix time in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "keys", Handler: cmdKeys, Arity: 2, Flags: ReadOnly,
			Categories: CatKeyspace | CatDangerous, Group: group, Since: "1.0.0",
			Summary:    "Return all keys that match a glob pattern; prefer SCAN",
			Complexity: "O(N) with N being the number of all keys",
			Tips:       []string{"request_policy:all_shards", "nondeterministic_output_order"},
			Args:       arg.List(arg.Pattern("pattern")),
		}, {
			Name: "persist", Handler: cmdPersist, Arity: 2, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatKeyspace, Group: group, Since: "2.2.0",
			Summary:    "Remove the expiry of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "pexpire", Handler: cmdPExpire, Arity: -3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatKeyspace, Group: group, Since: "2.6.0",
			Summary:    "Set the time to live of a key in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("milliseconds"), expireCondition),
		}, {
			Name: "pexpireat", Handler: cmdPExpireAt, Arity: -3, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatKeyspace, Group: group, Since: "2.6.0",
			Summary:    "Set the expiry of a key as a Unix time in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.UnixTime("unix-time-milliseconds"), expireCondition),
		}, {
			Name: "pexpiretime", Handler: cmdPExpireTime, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "7.0.0",
			Summary:    "Return the expiry of a key as a Unix time in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "pttl", Handler: cmdPTTL, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "2.6.0",
			Summary:    "Return the remaining time to live of a key in milliseconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "randomkey", Handler: cmdRandomKey, Arity: 1, Flags: ReadOnly,
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Return a key chosen at random",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:special", "nondeterministic_output"},
		}, {
			Name: "scan", Handler: cmdScan, Arity: -2, Flags: ReadOnly,
			Categories: CatKeyspace, Group: group, Since: "2.8.0",
			Summary:    "Return all keys, some at a time",
			Complexity: "O(1) for each call, O(N) for all N keys",
			Tips:       []string{"nondeterministic_output", "request_policy:special", "response_policy:special"},
			Args: arg.List(arg.Integer("cursor"),
				arg.Optional(arg.After("MATCH", arg.Pattern("pattern"))),
				arg.Optional(arg.After("COUNT", arg.Integer("count"))),
				arg.Optional(arg.After("TYPE", arg.String("type")))),
		}, {
			Name: "touch", Handler: cmdTouch, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: group, Since: "3.2.1",
			Summary:    "Mark keys as just used and return how many of them exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "ttl", Handler: cmdTTL, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Return the remaining time to live of a key in seconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "type", Handler: cmdType, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Return the type of the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "unlink", Handler: cmdDel, Arity: -2, Flags: Write | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: CatKeyspace, Group: group, Since: "4.0.0",
			Summary:    "Delete keys; the same as DEL",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		},
	}
}
