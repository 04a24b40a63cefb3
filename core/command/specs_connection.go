package command

// handshake are the flags of what a client may send before it is
// authenticated, and at any other time.
const handshake = NoScript | Loading | Stale | Fast | NoAuth | AllowBusy

func connectionSpecs() []Spec {
	const group = "connection"
	return []Spec{
		{
			Name: "auth", Handler: cmdAuth, Arity: -2, Flags: handshake,
			Categories: CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Authenticate the connection",
			Complexity: "O(1)",
			Args:       args(optional(str("username")), str("password")),
		}, {
			Name: "client", Arity: -2,
			Group: group, Since: "2.4.0",
			Summary:     "Commands about client connections",
			Complexity:  "Depends on the subcommand",
			Subcommands: clientSpecs(),
		}, {
			Name: "echo", Handler: cmdEcho, Arity: 2, Flags: Loading | Stale | Fast,
			Categories: CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Return the given message",
			Complexity: "O(1)",
			Args:       args(str("message")),
		}, {
			Name: "hello", Handler: cmdHello, Arity: -1, Flags: handshake,
			Categories: CatConnection, Group: group, Since: "6.0.0",
			Summary:    "Choose the protocol version, and optionally authenticate and name the connection",
			Complexity: "O(1)",
			Args: args(optional(block("arguments",
				integer("protover"),
				optional(after("AUTH", block("auth", str("username"), str("password")))),
				optional(after("SETNAME", str("clientname")))))),
		}, {
			Name: "ping", Handler: cmdPing, Arity: -1, Flags: Fast,
			Categories: CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Return PONG, or the given message",
			Complexity: "O(1)",
			Args:       args(optional(str("message"))),
		}, {
			Name: "quit", Handler: cmdQuit, Arity: -1, Flags: handshake,
			Categories: CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Close the connection",
			Complexity: "O(1)",
		}, {
			Name: "reset", Handler: cmdReset, Arity: 1, Flags: handshake,
			Categories: CatConnection, Group: group, Since: "6.2.0",
			Summary:    "Put the connection back into the state it had when it was opened",
			Complexity: "O(1)",
		}, {
			Name: "select", Handler: cmdSelect, Arity: 2, Flags: Loading | Stale | Fast,
			Categories: CatConnection, Group: group, Since: "1.0.0",
			Summary:    "Select the database of the connection; there is only database 0",
			Complexity: "O(1)",
			Args:       args(integer("index")),
		},
	}
}

func clientSpecs() []Spec {
	const group = "connection"
	return []Spec{
		{
			Name: "getname", Handler: cmdClientGetName, Arity: 2, Flags: NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "2.6.9",
			Summary:    "Return the name of the connection",
			Complexity: "O(1)",
		}, helpSpec(group, CatConnection), {
			Name: "id", Handler: cmdClientID, Arity: 2, Flags: NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "5.0.0",
			Summary:    "Return the number of the connection, which is never used again",
			Complexity: "O(1)",
		}, {
			Name: "info", Handler: cmdClientInfo, Arity: 2, Flags: NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "6.2.0",
			Summary:    "Describe this connection",
			Complexity: "O(1)",
		}, {
			Name: "list", Handler: cmdClientList, Arity: -2, Flags: Admin | NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "2.4.0",
			Summary:    "Describe the connections",
			Complexity: "O(N) with N being the number of connections",
			Args: args(
				after("TYPE", choice("client-type", "NORMAL", "MASTER", "REPLICA", "PUBSUB")),
				optional(after("ID", multiple(integer("client-id"))))),
		}, {
			Name: "setinfo", Handler: cmdClientSetInfo, Arity: 4, Flags: NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "7.2.0",
			Summary:    "Tell the name or the version of the client library",
			Complexity: "O(1)",
			Args: args(oneOf("attr",
				after("LIB-NAME", str("libname")),
				after("LIB-VER", str("libver")))),
		}, {
			Name: "setname", Handler: cmdClientSetName, Arity: 3, Flags: NoScript | Loading | Stale,
			Categories: CatConnection, Group: group, Since: "2.6.9",
			Summary:    "Name the connection",
			Complexity: "O(1)",
			Args:       args(str("connection-name")),
		},
	}
}
