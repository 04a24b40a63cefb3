package basics

import (
	"bytes"
	"fmt"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func clientSpecs() []command.Spec {
	const group = "connection"
	return []command.Spec{
		{
			Name: "kill", Handler: cmdClientKill, Arity: -3, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "2.4.0",
			Summary:    "Close connections",
			Complexity: "O(N) with N being the number of connections",
			Args: arg.List(arg.OneOf("filter",
				arg.String("ip:port"),
				arg.Multiple(arg.OneOf("new-format",
					arg.After("ID", arg.Optional(arg.Integer("client-id"))),
					arg.After("TYPE", arg.Choice("client-type", "NORMAL", "MASTER", "SLAVE", "REPLICA", "PUBSUB")),
					arg.After("USER", arg.Optional(arg.String("username"))),
					arg.After("ADDR", arg.Optional(arg.String("ip:port"))),
					arg.After("LADDR", arg.Optional(arg.String("ip:port"))),
					arg.After("SKIPME", arg.Choice("skipme", "YES", "NO")),
					arg.After("MAXAGE", arg.Optional(arg.Integer("maxage"))))))),
		}, {
			Name: "no-evict", Handler: cmdClientNoEvict, Arity: 3, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "7.0.0",
			Summary:    "Keep the connection from being closed when all clients hold more than they may",
			Complexity: "O(1)",
			Args:       arg.List(arg.OneOf("enabled", arg.Tokens("ON", "OFF")...)),
		}, {
			Name: "no-touch", Handler: cmdClientNoTouch, Arity: 3, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "7.2.0",
			Summary:    "Tell whether what the connection reads counts as used when keys are evicted",
			Complexity: "O(1)",
			Args:       arg.List(arg.OneOf("enabled", arg.Tokens("ON", "OFF")...)),
		}, {
			Name: "pause", Handler: cmdClientPause, Arity: -3, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "3.0.0",
			Summary:    "Make the commands of all clients wait, or only those that write",
			Complexity: "O(1)",
			Args:       arg.List(arg.Integer("timeout"), arg.Choice("mode", "WRITE", "ALL")),
		}, {
			Name: "reply", Handler: cmdClientReply, Arity: 3, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "3.2.0",
			Summary:    "Tell whether the server replies to this connection",
			Complexity: "O(1)",
			Args:       arg.List(arg.OneOf("action", arg.Tokens("ON", "OFF", "SKIP")...)),
		}, {
			Name: "unblock", Handler: cmdClientUnblock, Arity: -3, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "5.0.0",
			Summary:    "Wake a client that waits in a blocking command: in WAIT",
			Complexity: "O(log N) where N is the number of client connections",
			Args:       arg.List(arg.Integer("client-id"), arg.Choice("unblock-type", "TIMEOUT", "ERROR")),
		}, {
			Name: "unpause", Handler: cmdClientUnpause, Arity: 2, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "6.2.0",
			Summary:    "End the pause of CLIENT PAUSE",
			Complexity: "O(N) Where N is the number of paused clients",
		}, {
			Name: "getname", Handler: cmdClientGetName, Arity: 2, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "2.6.9",
			Summary:    "Return the name of the connection",
			Complexity: "O(1)",
		},
		command.Help(group, command.CatConnection, "5.0.0"),
		{
			Name: "id", Handler: cmdClientID, Arity: 2, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "5.0.0",
			Summary:    "Return the number of the connection, which is never used again",
			Complexity: "O(1)",
		}, {
			Name: "info", Handler: cmdClientInfo, Arity: 2, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "6.2.0",
			Summary:    "Describe this connection",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
		}, {
			Name: "list", Handler: cmdClientList, Arity: -2, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "2.4.0",
			Summary:    "Describe the connections",
			Complexity: "O(N) with N being the number of connections",
			Tips:       []string{"nondeterministic_output"},
			Args: arg.List(
				arg.After("TYPE", arg.Choice("client-type", "NORMAL", "MASTER", "REPLICA", "PUBSUB")),
				arg.Optional(arg.After("ID", arg.Multiple(arg.Integer("client-id"))))),
		}, {
			Name: "setinfo", Handler: cmdClientSetInfo, Arity: 4, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "7.2.0",
			Summary:    "Tell the name or the version of the client library",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			Args: arg.List(arg.OneOf("attr",
				arg.After("LIB-NAME", arg.String("libname")),
				arg.After("LIB-VER", arg.String("libver")))),
		}, {
			Name: "setname", Handler: cmdClientSetName, Arity: 3, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "2.6.9",
			Summary:    "Name the connection",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			Args:       arg.List(arg.String("connection-name")),
		},
	}
}

func cmdClientID(c *command.Ctx) { c.W.Int(c.Client.ID) }

func cmdClientGetName(c *command.Ctx) {
	if name := c.Client.Name(); name != "" {
		c.W.BulkString(name)
		return
	}
	c.W.Null()
}

func cmdClientSetName(c *command.Ctx) {
	if problem := nameProblem(c.Args[2]); problem != "" {
		c.W.Error(problem)
		return
	}
	c.Client.SetName(string(c.Args[2]))
	c.W.OK()
}

func cmdClientSetInfo(c *command.Ctx) {
	attr, value := c.Args[2], c.Args[3]
	set := c.Client.SetLibrary
	switch {
	case command.EqualFold(attr, "lib-name"):
	case command.EqualFold(attr, "lib-ver"):
		set = c.Client.SetLibraryVersion
	default:
		c.W.Error("ERR Unrecognized option '" + command.Printable(attr, len(attr)) + "'")
		return
	}
	switch {
	case !validName(value):
		c.W.Error("ERR " + command.Printable(attr, len(attr)) + " cannot contain spaces, newlines or special characters.")
		return
	case len(value) > maxName:
		c.W.Error(tooLongName(command.Printable(attr, len(attr))))
		return
	}
	set(string(value))
	c.W.OK()
}

// maxName is how many bytes each of the texts may have that a client is known by.
// Redis has no such limit, but what CLIENT LIST shows of all clients would be as
// large as they like.
const maxName = 4 << 10

func tooLongName(what string) string {
	return fmt.Sprintf("ERR %s cannot be longer than %d bytes.", what, maxName)
}

// nameProblem is the error for a name that a client can't have, or nothing.
func nameProblem(name []byte) string {
	switch {
	case !validName(name):
		return command.TextClientName
	case len(name) > maxName:
		return tooLongName("Client names")
	}
	return ""
}

// validName says whether b can be a name in CLIENT LIST, which separates what
// it lists by spaces and lines.
func validName(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '!' || r > '~' })
}

// switched reads an argument that is ON or OFF, and if it is neither replies.
func switched(c *command.Ctx, i int) (on, ok bool) {
	switch a := c.Args[i]; {
	case command.EqualFold(a, "on"):
		return true, true
	case command.EqualFold(a, "off"):
		return false, true
	}
	c.W.Error(command.TextSyntax)
	return false, false
}

// setSwitch is what a command does that switches a mode on or off.
func setSwitch(c *command.Ctx, m command.Mode) {
	on, ok := switched(c, 2)
	if !ok {
		return
	}
	if on {
		c.Client.SetMode(m, 0)
	} else {
		c.Client.SetMode(0, m)
	}
	c.W.OK()
}

// cmdClientNoEvict keeps a client from being closed for the memory that its
// buffers take. No client is: each has a limit of its own.
func cmdClientNoEvict(c *command.Ctx) { setSwitch(c, command.ModeNoEvict) }

func cmdClientNoTouch(c *command.Ctx) { setSwitch(c, command.ModeNoTouch) }

func cmdClientReply(c *command.Ctx) {
	switch a := c.Args[2]; {
	case command.EqualFold(a, "on"):
		c.Client.SetMode(0, command.ModeReplyOff|command.ModeReplySkip)
		c.W.OK()
	case command.EqualFold(a, "off"):
		c.Client.SetMode(command.ModeReplyOff, 0)
	case command.EqualFold(a, "skip"):
		if c.Client.Mode()&command.ModeReplyOff == 0 {
			c.Client.SetMode(command.ModeReplySkipNext, 0)
		}
	default:
		c.W.Error(command.TextSyntax)
	}
}
