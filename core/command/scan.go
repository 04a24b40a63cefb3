package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
)

func scanSpecs() []Spec {
	return []Spec{
		{
			Name: "scan", Handler: cmdScan, Arity: -2, Flags: ReadOnly,
			Categories: CatKeyspace, Group: "generic", Since: "2.8.0",
			Summary:    "Return all keys, some at a time",
			Complexity: "O(1) for each call, O(N) for all N keys",
			Tips:       []string{"nondeterministic_output", "request_policy:special", "response_policy:special"},
			Args: arg.List(arg.Integer("cursor"),
				arg.Optional(arg.After("MATCH", arg.Pattern("pattern"))),
				arg.Optional(arg.After("COUNT", arg.Integer("count"))),
				arg.Optional(arg.After("TYPE", arg.String("type")))),
		},
	}
}

func cmdScan(c *Ctx) {
	cursor, ok := parseCursor(c.Args[1])
	if !ok {
		c.W.Error("ERR invalid cursor")
		return
	}
	count := int64(defaultScanCount)
	var match, typeName []byte
	for i := 2; i < len(c.Args); i += 2 {
		switch option := c.Args[i]; {
		case i+1 == len(c.Args):
			c.W.Error(errSyntax)
			return
		case equalFold(option, "count"):
			if count, ok = c.integer(i + 1); !ok {
				c.W.Error(errNotInteger)
				return
			}
			if count < 1 {
				c.W.Error(errSyntax)
				return
			}
		case equalFold(option, "match"):
			match = c.Args[i+1]
		case equalFold(option, "type"):
			typeName = c.Args[i+1]
		default:
			c.W.Error(errSyntax)
			return
		}
	}
	c.scan(cursor, int(count), match, typeName)
}

// scan replies with the keys of one step, which is many steps for the shards if
// count is large. It ends early when the reply has become as long as it may.
func (c *Ctx) scan(cursor uint64, count int, match, typeName []byte) {
	// The new cursor comes first in the reply and last in time.
	keys := c.listKeys(match, typeName)
	for {
		var seen int
		cursor, seen = keys.step(cursor, min(count, keysStep))
		if count -= seen; count <= 0 || cursor == 0 || keys.w.Overflow || c.Gone() {
			break
		}
	}
	c.W.Array(2)
	c.replyCursor(cursor)
	keys.join()
}
