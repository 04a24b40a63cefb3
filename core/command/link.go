package command

import "github.com/redistill-go/redistill/core/tracking"

// Link is a client's connection for those who are not that client.
type Link interface {
	// Push queues whole messages to be sent after the replies that are due. It
	// copies b and never blocks. A client that lets too much pile up is closed.
	Push(b []byte)
	// Kill closes the connection at once.
	Kill()
	// Dead says whether nobody will ever read a reply: the connection was killed,
	// broke a limit, or was in the way of a stop for longer than the grace, or
	// the client has reset it. A client that has only said that it will send no
	// more still reads.
	Dead() bool
	// Buffers says what the connection holds. own: the caller is its goroutine.
	Buffers(own bool) Buffers
}

// Buffers is what a connection holds, in bytes.
type Buffers struct {
	FD        int // its descriptor; -1: none
	Input     int // received and not executed
	InputFree int // room for more
	Replies   int // that wait for the client to read
	Pushes    int // the same for messages
	Total     int // all that the connection takes, the fields above included
}

// SetLink tells what the client is connected by, before anything is run.
func (c *Client) SetLink(l Link) { c.link = l }

// Protocol is the version of RESP. It may be called from any goroutine.
func (c *Client) Protocol() int { return int(c.Resp.Load()) }

// Push queues messages as Link does. It may be called from any goroutine.
func (c *Client) Push(b []byte) {
	if c.link != nil {
		c.link.Push(b)
	}
}

// Gone says whether nobody will ever read the client's reply: see Link.Dead. It
// costs one atomic load and may be called from any goroutine.
func (c *Client) Gone() bool { return c.link != nil && c.link.Dead() }

// Gone is the client's. A command that changes nothing and may run for longer than
// about a millisecond asks it between its steps and returns as soon as it says
// so, with any reply or none: whatever it writes is dropped. So it ends when its
// client does, and when a stop has waited for it as long as the grace allows.
func (c *Ctx) Gone() bool { return c.Client.Gone() }

var _ tracking.Peer = (*Client)(nil)

// Subscriptions is how many channels the client listens to.
func (c *Client) Subscriptions() int {
	if c.Subscribed() {
		return 1
	}
	return 0
}

// Subscribers is how many clients listen to a channel.
func (e *Env) Subscribers() (n int) {
	e.Clients.Each(func(c *Client) { n += c.Subscriptions() })
	return n
}

// Kill closes the client's connection at once. It may be called from any goroutine.
func (c *Client) Kill() {
	if c.link != nil {
		c.link.Kill()
	}
}

// Buffers says what the client's connection holds, as Link does. It may be called
// from any goroutine; own: it is the client's.
func (c *Client) Buffers(own bool) Buffers {
	if c.link == nil {
		return Buffers{}
	}
	return c.link.Buffers(own)
}

// IdleClient is about what a client takes in bytes that has been silent for a
// while and has no buffers: its session and what Go keeps for a socket.
const IdleClient = 2 << 10
