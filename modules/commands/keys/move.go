package keys

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func moveSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "copy", Grows: growsCopy, Handler: cmdCopy, Arity: -3, Flags: command.Write | command.DenyOOM,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RO access; OW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "6.2.0",
			Summary:    "Copy the value of a key and its expiry to another key",
			Complexity: "O(N) with N being the length of the value",
			Args: arg.List(arg.Key("source"), arg.Key("destination"),
				arg.Optional(arg.After("DB", arg.Integer("destination-db"))), arg.Optional(arg.Token("REPLACE"))),
		}, {
			Name: "rename", Handler: cmdRename, Arity: 3, Flags: command.Write,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Rename a key, whatever the new name held before",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Key("newkey")),
		}, {
			Name: "renamenx", Handler: cmdRenameNX, Arity: 3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RW access delete; OW insert",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Rename a key, only if no key has the new name",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Key("newkey")),
		},
	}
}

const errNoKey = "ERR no such key"

func cmdRename(c *command.Ctx)   { renameKey(c, false) }
func cmdRenameNX(c *command.Ctx) { renameKey(c, true) }

func renameKey(c *command.Ctx, nx bool) {
	for try := 0; !rename(c, nx, try == command.ApartTries); try++ {
	}
}

// rename is RENAME. A long value that has to be copied is copied apart and the copy
// is good if the key has still the same one then: otherwise rename fails, unless it
// is told to keep the shards locked.
func rename(c *command.Ctx, nx, locked bool) (done bool) {
	keys := c.LockRange(1, 3, 1)
	defer c.UnlockKeys()
	from, to := keys[0], keys[1]
	e, found := c.Store.Locked(from).Peek(from, c.Now)
	if !found {
		c.W.Error(errNoKey)
		return true
	}
	same := string(from.Bytes) == string(to.Bytes)
	if nx && (same || taken(c, to)) {
		c.W.Int(0)
		return true
	}
	if !same {
		if done, err := moveEntry(c, e, nx, locked); !done || err != nil {
			if err != nil {
				c.Fail(err)
			}
			return done || err != nil
		}
	}
	if nx {
		c.W.Int(1)
	} else {
		c.W.OK()
	}
	return true
}

func taken(c *command.Ctx, k store.Key) bool {
	_, found := c.Store.Locked(k).Peek(k, c.Now)
	return found
}

// moveEntry makes the second one of c.keys have what the first one has, which is e,
// and that none. It is rename for the rest.
func moveEntry(c *command.Ctx, e store.Entry, nx, locked bool) (done bool, err error) {
	from, to := c.Keys[0], c.Keys[1]
	moved, err := c.Store.Locked(to).MoveHash(c.Store.Locked(from), e, to, c.Now)
	if moved || err != nil {
		return true, err
	}
	var t *twin
	if !locked {
		if t, err = makeTwin(c, e); t != nil {
			defer t.drop(c)
		}
		if err != nil {
			return false, err
		}
	}
	switch {
	case t == nil:
		err = copyEntry(c, c.Store.Locked(from), e, to)
	case !t.current(c) || nx && taken(c, to):
		return false, nil
	default:
		var ok bool
		if ok, err = t.attach(c, to); !ok {
			return true, nil // nobody reads the reply
		}
	}
	if err != nil {
		return false, err
	}
	c.Store.Locked(from).Delete(from, c.Now)
	return true, nil
}

func cmdCopy(c *command.Ctx) {
	replace, ok := copyOptions(c)
	if !ok {
		return
	}
	keys := c.LockRange(1, 3, 1)
	defer c.UnlockKeys()
	from, to := keys[0], keys[1]
	if string(from.Bytes) == string(to.Bytes) {
		c.W.Error("ERR source and destination objects are the same")
		return
	}
	e, found := c.Store.Locked(from).Get(from, c.Now)
	c.Count(found)
	if !found {
		c.W.Int(0)
		return
	}
	if !replace && taken(c, to) {
		c.W.Int(0)
		return
	}
	t, err := makeTwin(c, e)
	switch {
	case t == nil:
		err = copyEntry(c, c.Store.Locked(from), e, to)
	case err == nil && !replace && taken(c, to):
		t.drop(c)
		c.W.Int(0)
		return
	case err == nil:
		_, err = t.attach(c, to)
	}
	if t != nil {
		t.drop(c)
	}
	if err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

// copyOptions reads COPY's [DB number] [REPLACE]. On an error it replies and
// returns false.
func copyOptions(c *command.Ctx) (replace, ok bool) {
	for i := 3; i < len(c.Args); i++ {
		switch a := c.Args[i]; {
		case command.EqualFold(a, "replace"):
			replace = true
		case command.EqualFold(a, "db") && i+1 < len(c.Args):
			i++
			if !c.Database(i) {
				return false, false
			}
		default:
			c.W.Error(command.TextSyntax)
			return false, false
		}
	}
	return replace, true
}

// copyEntry makes the key to hold what e, of the shard from, holds, its expiry
// included. Both shards are locked; e is invalid afterwards.
func copyEntry(c *command.Ctx, from *store.Shard, e store.Entry, to store.Key) error {
	if e.Type() == store.Hash {
		return copyHash(c, from, e, to)
	}
	value := e.Value()
	dst, err := c.Store.Locked(to).Put(to, e.Type(), len(value), e.ExpireAt(), c.Now)
	if err == nil {
		copy(dst, value)
	}
	return err
}

func growsCopy(c *command.Ctx) (n int64) {
	c.PeekAt(c.Key(1), func(_ *store.Shard, e store.Entry) { n = e.Size() })
	return c.Beside(n, n)
}
