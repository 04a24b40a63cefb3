package transactions

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/watch"
)

func transactionSpecs() []command.Spec {
	const group = "transactions"
	const flags = command.NoScript | command.Loading | command.Stale | command.Fast | command.AllowBusy
	return []command.Spec{
		{
			Name: "discard", Handler: cmdDiscard, Arity: 1, Flags: flags, Direct: true,
			Categories: command.CatTransaction, Group: group, Since: "2.0.0",
			Summary:    "Forget the commands that were queued since MULTI, and all watched keys",
			Complexity: "O(N) with N being the number of queued commands",
		}, {
			Name: "exec", Handler: cmdExec, Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.SkipSlowlog, Direct: true, RunsQueue: true,
			Categories: command.CatTransaction, Group: group, Since: "1.2.0",
			Summary:    "Execute the commands that were queued since MULTI, unless a watched key has changed",
			Complexity: "Depends on the commands",
		}, {
			Name: "multi", Handler: cmdMulti, Arity: 1, Flags: flags, Direct: true,
			Categories: command.CatTransaction, Group: group, Since: "1.2.0",
			Summary:    "Begin a transaction: queue the commands that follow until EXEC",
			Complexity: "O(1)",
		}, {
			Name: "unwatch", Handler: cmdUnwatch, Arity: 1, Flags: flags,
			Categories: command.CatTransaction, Group: group, Since: "2.2.0",
			Summary:    "Forget all watched keys",
			Complexity: "O(N) with N being the number of watched keys",
		}, {
			Name: "watch", Handler: cmdWatch, Arity: -2, Flags: flags, Direct: true,
			Work:     command.Work{PerArgument: watch.KeyCost, Keeps: true},
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatTransaction, Group: group, Since: "2.2.0",
			Summary:    "Make the next EXEC depend on these keys staying as they are",
			Complexity: "O(1) for each key",
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		},
	}
}

func cmdMulti(c *command.Ctx) {
	if c.Client.InMulti() {
		c.W.Error("ERR MULTI calls can not be nested")
		return
	}
	c.BeginTransaction()
	c.W.OK()
}

func cmdDiscard(c *command.Ctx) {
	if !c.Client.InMulti() {
		c.W.Error("ERR DISCARD without MULTI")
		return
	}
	c.EndTransaction()
	c.W.OK()
}

func cmdExec(c *command.Ctx) {
	switch {
	case !c.Client.InMulti():
		c.W.Error("ERR EXEC without MULTI")
		return
	case c.Client.Aborted():
		c.W.Error("EXECABORT Transaction discarded because of previous errors.")
	case !c.Exec():
		c.W.NullArray()
	}
	c.EndTransaction()
}

func cmdWatch(c *command.Ctx) {
	if c.Client.InMulti() {
		c.W.Error("ERR WATCH inside MULTI is not allowed")
		return
	}
	c.Watch(1)
	c.W.OK()
}

func cmdUnwatch(c *command.Ctx) {
	c.Client.Unwatch(c.Env)
	c.W.OK()
}
