package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/tracking"
)

func subscribeSpecs() []Spec {
	return []Spec{
		{
			Name: "subscribe", Handler: cmdSubscribe, Arity: -2, Flags: PubSub | NoScript | Loading | Stale, WhileSubscribed: true,
			Group: "pubsub", Since: "2.0.0",
			Summary:    "Listen to channels; the only one is __redis__:invalidate, for CLIENT TRACKING with REDIRECT",
			Complexity: "O(N) with N being the number of channels",
			Args:       arg.List(arg.Multiple(arg.String("channel"))),
		}, {
			Name: "unsubscribe", Handler: cmdUnsubscribe, Arity: -1, Flags: PubSub | NoScript | Loading | Stale, WhileSubscribed: true,
			Group: "pubsub", Since: "2.0.0",
			Summary:    "Listen no longer to channels, by default to all of them",
			Complexity: "O(N) with N being the number of channels",
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("channel")))),
		},
	}
}

// cmdSubscribe knows one channel, on which a RESP2 client is told of changed
// keys. There is no PUBLISH, so that any other would stay silent for ever.
func cmdSubscribe(c *Ctx) {
	for _, name := range c.Args[1:] {
		if string(name) != tracking.Channel {
			c.W.Error("ERR this server has no publish/subscribe: the only channel is " + tracking.Channel +
				", for CLIENT TRACKING ... REDIRECT")
			return
		}
	}
	c.Client.setMode(ModeSubscribed, 0)
	for _, name := range c.Args[1:] {
		c.confirm("subscribe", name, 1)
	}
}

func cmdUnsubscribe(c *Ctx) {
	if len(c.Args) == 1 {
		var name []byte
		if c.Client.Mode()&ModeSubscribed != 0 {
			name = []byte(tracking.Channel)
		}
		c.unsubscribe(name)
		return
	}
	for _, name := range c.Args[1:] {
		c.unsubscribe(name)
	}
}

// unsubscribe leaves a channel, nil for none.
func (c *Ctx) unsubscribe(name []byte) {
	if string(name) == tracking.Channel {
		c.Client.setMode(0, ModeSubscribed)
	}
	c.confirm("unsubscribe", name, c.Client.subscriptions())
}

// confirm tells the client that it has joined or left a channel.
func (c *Ctx) confirm(what string, name []byte, left int) {
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
