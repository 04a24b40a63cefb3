package basics

import (
	"crypto/sha256"
	"crypto/subtle"

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
			Name: "client", Arity: -2, KeepsCaching: true,
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

// RedisVersion is the version of Redis whose commands these are. Frameworks
// decide by it what they may use.
const RedisVersion = "8.0.0"

func cmdPing(c *command.Ctx) {
	if c.Client.Mode()&command.ModeSubscribed != 0 && c.Client.Proto == 2 && len(c.Args) < 3 {
		pongMessage(c)
		return
	}
	switch len(c.Args) {
	case 1:
		c.W.Simple("PONG")
	case 2:
		c.W.Bulk(c.Args[1])
	default:
		c.W.Error(command.ArityError(c.Cmd))
	}
}

// pongMessage is the reply to a RESP2 client that expects nothing but messages.
func pongMessage(c *command.Ctx) {
	c.W.Array(2)
	c.W.BulkString("pong")
	if len(c.Args) == 2 {
		c.W.Bulk(c.Args[1])
		return
	}
	c.W.BulkString("")
}

func cmdEcho(c *command.Ctx) { c.W.Bulk(c.Args[1]) }

func cmdQuit(c *command.Ctx) {
	c.W.OK()
	c.Client.Closing = true
}

func cmdSelect(c *command.Ctx) {
	if c.Database(1) {
		c.W.OK()
	}
}

func cmdAuth(c *command.Ctx) {
	user, password := []byte("default"), c.Args[1]
	switch {
	case len(c.Args) > 3:
		c.W.Error(command.TextSyntax)
		return
	case len(c.Args) == 3:
		user, password = c.Args[1], c.Args[2]
	case c.Env.Auth.Password() == "":
		c.W.Error("ERR AUTH <password> called without any password configured for the default user." +
			" Are you sure your configuration is correct?")
		return
	}
	if authenticate(c, user, password) {
		c.W.OK()
	}
}

// authenticate checks a user's password, and on failure replies. The only user
// is "default", and any password is right for it if none is configured.
func authenticate(c *command.Ctx, user, password []byte) bool {
	want := c.Env.Auth.Password()
	// Hashes are compared so that the time it takes tells nothing, not even
	// the length.
	a, b := sha256.Sum256(password), sha256.Sum256([]byte(want))
	right := subtle.ConstantTimeCompare(a[:], b[:]) == 1 || want == ""
	if string(user) != "default" || !right {
		c.Env.Stats.AuthFailures.Add(1)
		c.W.Error(command.TextWrongPass)
		return false
	}
	c.Client.Authenticated = true
	return true
}

// helloOptions is what HELLO was asked for.
type helloOptions struct {
	proto          int64
	user, password []byte
	auth           bool
	name           []byte
	setName        bool
}

// parse reads the arguments and says what is wrong with them.
func (o *helloOptions) parse(c *command.Ctx) (problem string) {
	o.proto = int64(c.Client.Proto)
	if len(c.Args) > 1 {
		var ok bool
		if o.proto, ok = c.Integer(1); !ok {
			return "ERR Protocol version is not an integer or out of range"
		}
		if o.proto < 2 || o.proto > 3 {
			return "NOPROTO unsupported protocol version"
		}
	}
	for i := 2; i < len(c.Args); i++ {
		left := len(c.Args) - 1 - i
		switch a := c.Args[i]; {
		case command.EqualFold(a, "auth") && left >= 2:
			o.auth, o.user, o.password = true, c.Args[i+1], c.Args[i+2]
			i += 2
		case command.EqualFold(a, "setname") && left >= 1:
			o.setName, o.name = true, c.Args[i+1]
			if problem := nameProblem(o.name); problem != "" {
				return problem
			}
			i++
		default:
			return "ERR Syntax error in HELLO option '" + command.Printable(a, len(a)) + "'"
		}
	}
	return ""
}

func cmdHello(c *command.Ctx) {
	var o helloOptions
	if problem := o.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	if o.auth && !authenticate(c, o.user, o.password) {
		return
	}
	if !c.Client.Authenticated {
		c.W.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH" +
			" <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
		return
	}
	if o.setName {
		c.Client.SetName(string(o.name))
	}
	setProto(c, int(o.proto))
	c.W.Map(7)
	c.W.BulkString("server")
	c.W.BulkString("redis")
	c.W.BulkString("version")
	c.W.BulkString(RedisVersion)
	c.W.BulkString("proto")
	c.W.Int(o.proto)
	c.W.BulkString("id")
	c.W.Int(c.Client.ID)
	c.W.BulkString("mode")
	c.W.BulkString("standalone")
	c.W.BulkString("role")
	c.W.BulkString("master")
	c.W.BulkString("modules")
	c.W.Array(0)
}

func setProto(c *command.Ctx, proto int) {
	c.Client.Proto, c.W.Proto = proto, proto
	c.Client.Resp.Store(int32(proto))
}

func cmdReset(c *command.Ctx) {
	c.EndTransaction()
	c.StopTracking()
	c.Env.Monitors.Remove(c.Client)
	c.Client.SetMode(0, command.ModeReset|command.ModeMonitor|command.ModeSubscribed)
	setProto(c, 2)
	c.Client.SetName("")
	c.Client.Authenticated = c.Env.Auth.Password() == ""
	c.W.Simple("RESET")
}

// secretAuth is Secret of AUTH.
func secretAuth(_ [][]byte, i int) bool { return i > 0 }

// secretHello is Secret of HELLO: the two arguments after its option AUTH.
func secretHello(args [][]byte, i int) bool {
	return i > 2 && command.EqualFold(args[i-1], "auth") || i > 3 && command.EqualFold(args[i-2], "auth")
}
