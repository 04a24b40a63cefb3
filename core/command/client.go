package command

import (
	"sync"
	"sync/atomic"
	"time"

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
