package command

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/tracking"
	"github.com/redistill-go/redistill/core/watch"
)

// Client is one connection as commands and CLIENT LIST see it.
//
// The fields down to Closing belong to the connection's own goroutine.
type Client struct {
	ID        int64
	Addr      string // the client's end; for a unix socket its path and ":0"
	LocalAddr string
	Transport string // the transport's ID, as in "transport.tcp", with its number if it is one of several
	Created   time.Time

	Proto         int  // 2 or 3
	Unix          bool // it came over a unix socket, so that Addr is a path
	Authenticated bool
	Closing       bool // close the connection once the replies are sent

	// Active is the time of the last command in ms since the Unix epoch, and
	// Last the table index of that command, or -1.
	Active atomic.Int64
	Last   atomic.Int32
	// Resp is Proto for other goroutines.
	Resp atomic.Int32

	link  Link // nil: it has no connection of its own
	mode  Mode
	shown atomic.Uint32 // mode for other goroutines
	kept  atomic.Bool   // see Keep

	block blocking

	tx      *Transaction   // nil: not in MULTI
	watcher *watch.Watcher // nil: never watched a key
	// queued is the number of commands queued, plus 1 inside MULTI; watching
	// that of keys watched.
	queued, watching atomic.Int32

	prefixed int // bytes that its prefixes take, see StartTracking

	mu                  sync.Mutex
	name                string
	libName, libVersion string
	named               int // bytes of those three, for the connection's own goroutine
}

// Name is what CLIENT SETNAME set.
func (c *Client) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.name
}

// SetName sets the name that CLIENT LIST shows.
func (c *Client) SetName(s string) { c.call(&c.name, s) }

// call changes one of the texts that a client is known by.
func (c *Client) call(text *string, s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.named += len(s) - len(*text)
	*text = s
}

// Library is what CLIENT SETINFO set: the client library and its version.
func (c *Client) Library() (name, version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.libName, c.libVersion
}

// SetLibrary sets the library's name.
func (c *Client) SetLibrary(name string) { c.call(&c.libName, name) }

// SetLibraryVersion sets the library's version.
func (c *Client) SetLibraryVersion(version string) { c.call(&c.libVersion, version) }

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
