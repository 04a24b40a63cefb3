package tracking

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/tracking"
)

func subscribeSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "subscribe", Handler: cmdSubscribe, Arity: -2, Flags: command.PubSub | command.NoScript | command.Loading | command.Stale, WhileSubscribed: true,
			Group: "pubsub", Since: "2.0.0",
			Summary:    "Listen to channels; the only one is __redis__:invalidate, for CLIENT TRACKING with REDIRECT",
			Complexity: "O(N) with N being the number of channels",
			Args:       arg.List(arg.Multiple(arg.String("channel"))),
		}, {
			Name: "unsubscribe", Handler: cmdUnsubscribe, Arity: -1, Flags: command.PubSub | command.NoScript | command.Loading | command.Stale, WhileSubscribed: true,
			Group: "pubsub", Since: "2.0.0",
			Summary:    "Listen no longer to channels, by default to all of them",
			Complexity: "O(N) with N being the number of channels",
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("channel")))),
		},
	}
}

// cmdSubscribe knows one channel, on which a RESP2 client is told of changed
// keys. There is no PUBLISH, so that any other would stay silent for ever.
func cmdSubscribe(c *command.Ctx) {
	for _, name := range c.Args[1:] {
		if string(name) != tracking.Channel {
			c.W.Error("ERR this server has no publish/subscribe: the only channel is " + tracking.Channel +
				", for CLIENT TRACKING ... REDIRECT")
			return
		}
	}
	c.Client.SetMode(command.ModeSubscribed, 0)
	for _, name := range c.Args[1:] {
		confirm(c, "subscribe", name, 1)
	}
}

func cmdUnsubscribe(c *command.Ctx) {
	if len(c.Args) == 1 {
		var name []byte
		if c.Client.Mode()&command.ModeSubscribed != 0 {
			name = []byte(tracking.Channel)
		}
		unsubscribe(c, name)
		return
	}
	for _, name := range c.Args[1:] {
		unsubscribe(c, name)
	}
}

// unsubscribe leaves a channel, nil for none.
func unsubscribe(c *command.Ctx, name []byte) {
	if string(name) == tracking.Channel {
		c.Client.SetMode(0, command.ModeSubscribed)
	}
	confirm(c, "unsubscribe", name, c.Client.Subscriptions())
}

// confirm tells the client that it has joined or left a channel.
func confirm(c *command.Ctx, what string, name []byte, left int) {
	if c.Client.Proto == 3 {
		c.W.Push(3)
	} else {
		c.W.Array(3)
	}
	c.W.BulkString(what)
	if name == nil {
		c.W.Null()
	} else {
		c.W.Bulk(name)
	}
	c.W.Int(int64(left))
}
