package scan

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/glob"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func scanSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "keys", Handler: cmdKeys, Arity: 2, Flags: command.ReadOnly,
			Categories: command.CatKeyspace | command.CatDangerous, Group: "generic", Since: "1.0.0",
			Summary:    "Return all keys that match a glob pattern; prefer SCAN",
			Complexity: "O(N) with N being the number of all keys",
			Tips:       []string{"request_policy:all_shards", "nondeterministic_output_order"},
			Args:       arg.List(arg.Pattern("pattern")),
		}, {
			Name: "randomkey", Handler: cmdRandomKey, Arity: 1, Flags: command.ReadOnly,
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return a key chosen at random",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:special", "nondeterministic_output"},
		}, {
			Name: "scan", Handler: cmdScan, Arity: -2, Flags: command.ReadOnly,
			Categories: command.CatKeyspace, Group: "generic", Since: "2.8.0",
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

func cmdScan(c *command.Ctx) {
	cursor, ok := command.ParseCursor(c.Args[1])
	if !ok {
		c.W.Error("ERR invalid cursor")
		return
	}
	count := int64(command.DefaultScanCount)
	var match, typeName []byte
	for i := 2; i < len(c.Args); i += 2 {
		switch option := c.Args[i]; {
		case i+1 == len(c.Args):
			c.W.Error(command.TextSyntax)
			return
		case command.EqualFold(option, "count"):
			if count, ok = c.Integer(i + 1); !ok {
				c.W.Error(command.TextNotInteger)
				return
			}
			if count < 1 {
				c.W.Error(command.TextSyntax)
				return
			}
		case command.EqualFold(option, "match"):
			match = c.Args[i+1]
		case command.EqualFold(option, "type"):
			typeName = c.Args[i+1]
		default:
			c.W.Error(command.TextSyntax)
			return
		}
	}
	scan(c, cursor, int(count), match, typeName)
}

// scan replies with the keys of one step, which is many steps for the shards if
// count is large. It ends early when the reply has become as long as it may.
func scan(c *command.Ctx, cursor uint64, count int, match, typeName []byte) {
	// The new cursor comes first in the reply and last in time.
	keys := listKeys(c, match, typeName)
	for {
		var seen int
		cursor, seen = keys.step(cursor, min(count, keysStep))
		if count -= seen; count <= 0 || cursor == 0 || keys.w.Overflow || c.Step() {
			break
		}
	}
	c.W.Array(2)
	c.ReplyCursor(cursor)
	keys.join()
}

func cmdRandomKey(c *command.Ctx) {
	key, ok := c.Whole().RandomKey(c.Scratch[:0], c.Now)
	c.Scratch = key
	if !ok {
		c.W.Null()
		return
	}
	c.W.Bulk(key)
}

// keysStep is how many entries KEYS looks at under one lock.
const keysStep = 128

func cmdKeys(c *command.Ctx) {
	list := listKeys(c, c.Args[1], nil)
	for cursor := uint64(0); ; {
		if cursor, _ = list.step(cursor, keysStep); cursor == 0 || list.w.Overflow || c.Step() {
			break
		}
	}
	list.join()
}

// keyList makes an array of keys whose length shows only at the end. Keys are
// copied from their shards and looked at afterwards: that may take long.
type keyList struct {
	c        *command.Ctx
	w        *resp.Writer // the keys
	all      bool
	pattern  glob.Pattern
	typeName []byte // nil: all
	n        int
}

// listKeys begins a list of the keys that match; a pattern of nil is all.
func listKeys(c *command.Ctx, pattern, typeName []byte) *keyList {
	return &keyList{
		c: c, w: c.Aside(), typeName: typeName,
		all: pattern == nil || string(pattern) == "*", pattern: glob.New(pattern, false),
	}
}

// step adds the keys of about count entries from a cursor on, or of fewer if
// they are long: seen is how many. It returns the next cursor, 0 at the end.
func (l *keyList) step(cursor uint64, count int) (next uint64, seen int) {
	c := l.c
	next, seen = c.Whole().ScanKeys(cursor, count, c.Now, &c.Copies)
	gone := c.Gone
	for i := range c.Copies.Len() {
		key, kind := c.Copies.Key(i)
		if (l.typeName == nil || command.EqualFold(l.typeName, store.Type(kind).String())) && (l.all || l.pattern.Match(key, gone)) {
			l.n++
			l.w.Bulk(key)
		}
	}
	c.Copies.Free()
	return next, seen
}

// join writes the array.
func (l *keyList) join() {
	l.c.W.Array(l.n)
	l.c.W.Join(l.w)
}
