package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

// handshake are the flags of what a client may send before it is
// authenticated, and at any other time.
const handshake = command.NoScript | command.Loading | command.Stale | command.Fast | command.NoAuth | command.AllowBusy

func connectionSpecs() []command.Spec {
	const group = "connection"
	return []command.Spec{
		{
			Name: "auth", Handler: cmdAuth, Arity: -2, Flags: handshake, Secret: secretAuth, Keyless: true,
			Categories: command.CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Authenticate the connection",
			Complexity: "O(1)",
			Args:       arg.List(arg.Optional(arg.String("username")), arg.String("password")),
		}, {
			Name: "client", Arity: -2,
			Group: group, Since: "2.4.0",
			Summary:     "Commands about client connections",
			Complexity:  "Depends on the subcommand",
			Subcommands: clientSpecs(),
		}, {
			Name: "echo", Handler: cmdEcho, Arity: 2, Flags: command.Loading | command.Stale | command.Fast, Keyless: true, Brief: true,
			Categories: command.CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Return the given message",
			Complexity: "O(1)",
			Args:       arg.List(arg.String("message")),
		}, {
			Name: "hello", Handler: cmdHello, Arity: -1, Flags: handshake, Secret: secretHello, Keyless: true,
			Categories: command.CatConnection, Group: group, Since: "6.0.0",
			Summary:    "Choose the protocol version, and optionally authenticate and name the connection",
			Complexity: "O(1)",
			Args: arg.List(arg.Optional(arg.Block("arguments",
				arg.Integer("protover"),
				arg.Optional(arg.After("AUTH", arg.Block("auth", arg.String("username"), arg.String("password")))),
				arg.Optional(arg.After("SETNAME", arg.String("clientname")))))),
		}, {
			Name: "ping", Handler: cmdPing, Arity: -1, Flags: command.Fast, Keyless: true, WhileSubscribed: true, Brief: true,
			Categories: command.CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Return PONG, or the given message",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			Args:       arg.List(arg.Optional(arg.String("message"))),
		}, {
			Name: "quit", Handler: cmdQuit, Arity: -1, Flags: handshake, Keyless: true, WhileSubscribed: true, Direct: true,
			Categories: command.CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Close the connection",
			Complexity: "O(1)",
		}, {
			Name: "reset", Handler: cmdReset, Arity: 1, Flags: handshake, Keyless: true, WhileSubscribed: true, Direct: true,
			Categories: command.CatConnection, Group: group, Since: "6.2.0",
			Summary:    "Put the connection back into the state it had when it was opened",
			Complexity: "O(1)",
		}, {
			Name: "select", Handler: cmdSelect, Arity: 2, Flags: command.Loading | command.Stale | command.Fast, Keyless: true,
			Categories: command.CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Select the database of the connection; there is only database 0",
			Complexity: "O(1)",
			Args:       arg.List(arg.Integer("index")),
		},
	}
}

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

// secretAuth is Secret of AUTH.
func secretAuth(_ [][]byte, i int) bool { return i > 0 }

// secretHello is Secret of HELLO: the two arguments after its option AUTH.
func secretHello(args [][]byte, i int) bool {
	return i > 2 && command.EqualFold(args[i-1], "auth") || i > 3 && command.EqualFold(args[i-2], "auth")
}
