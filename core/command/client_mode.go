package command

import (
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/tracking"
)

// Mode is what sets a client apart from an ordinary one, of which nothing is
// set.
type Mode uint32

// The modes of a client.
const (
	ModeMonitor    Mode = 1 << iota // it is shown all commands
	ModeSubscribed                  // to the channel that tells of changed keys
	ModeTracking                    // it is told of changes to what it has read
	ModeBroadcast                   // it is told of changes by the keys' prefixes
	ModeOptIn                       // it tracks what it reads after CLIENT CACHING YES
	ModeOptOut                      // it tracks what it reads unless after CLIENT CACHING NO
	ModeCaching                     // CLIENT CACHING was the last command, or came before MULTI
	ModeReplyOff
	ModeReplySkip     // this command has no reply
	ModeReplySkipNext // the next one won't have one
	ModeNoEvict
	ModeNoTouch // its reads don't count for the eviction policy
	ModeKept    // it had the place kept for an administrator when it came
)

const (
	modeTracks = ModeTracking | ModeBroadcast | ModeOptIn | ModeOptOut | ModeCaching
	modeReset  = ModeReplyOff | ModeReplySkipNext | ModeNoEvict | ModeNoTouch
)

// Mode is the client's mode. It is for the connection's own goroutine.
func (c *Client) Mode() Mode { return c.mode }

// ShownMode is Mode for other goroutines.
func (c *Client) ShownMode() Mode { return Mode(c.shown.Load()) }

// setMode sets and clears bits of the mode.
func (c *Client) setMode(set, clear Mode) {
	c.mode = c.mode&^clear | set
	c.shown.Store(uint32(c.mode))
}

// Forbids says why a client in its mode may not use the command, or nothing.
func (c *Client) Forbids(cmd *Command) string {
	if c.mode&ModeSubscribed != 0 && c.Proto == 2 && !cmd.WhileSubscribed {
		return "ERR Can't execute '" + cmd.FullName + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
	}
	if c.mode&ModeMonitor != 0 && cmd.Flags&(ReadOnly|Write) != 0 {
		return "ERR Replica can't interact with the keyspace"
	}
	return ""
}

// After ends a command of a client in some mode and says whether the reply is
// to be dropped. cmd is what was asked for, nil if there is no such command.
func (c *Client) After(cmd *Command) (mute bool) {
	mute = c.mode&(ModeReplyOff|ModeReplySkip) != 0
	switch {
	case c.mode&ModeReplySkipNext != 0:
		c.setMode(ModeReplySkip, ModeReplySkipNext)
	case c.mode&ModeReplySkip != 0:
		c.setMode(0, ModeReplySkip)
	}
	if c.mode&ModeCaching != 0 && !c.InMulti() && (cmd == nil || cmd.Name != "client") {
		c.setMode(0, ModeCaching)
	}
	return mute
}

// remembers says whether the keys that the command reads are to be tracked.
func (c *Client) remembers(cmd *Command) bool {
	if c.mode&ModeTracking == 0 || c.mode&ModeBroadcast != 0 || cmd.Flags&ReadOnly == 0 {
		return false
	}
	caching := c.mode&ModeCaching != 0
	return (caching || c.mode&ModeOptIn == 0) && (!caching || c.mode&ModeOptOut == 0)
}

// entered does what a client in some mode, or one whose keys somebody listens
// to, needs done when it has locked a key's shard.
func (c *Ctx) entered(sh *store.Shard, k store.Key) {
	sh.Quiet(c.Client.mode&ModeNoTouch != 0 && c.Cmd.Name != "touch")
	if t := c.Env.Tracking; t != nil && sh.Listened() {
		t.Enter(sh.Index(), c.Client.ID)
		if c.Client.remembers(c.Cmd) {
			t.Remember(sh.Index(), k.Bytes, c.Client.ID)
		}
	}
}

// enteredAll is entered for all keys of LockKeys.
func (c *Ctx) enteredAll() {
	for _, k := range c.keys {
		if sh := c.Store.Locked(k); sh.Listened() || c.Client.mode != 0 {
			c.entered(sh, k)
		}
	}
}

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

// Subscribed says whether the client listens to tracking.Channel. It may be
// called from any goroutine.
func (c *Client) Subscribed() bool { return c.ShownMode()&ModeSubscribed != 0 }

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

// NewTracker makes Tracking, which hears of changes through Watch. Store and
// Watch are set and not used yet.
func (e *Env) NewTracker() {
	e.Tracking = tracking.New(e.Store, func(id int64) (tracking.Peer, bool) {
		c := e.Clients.Find(id)
		return c, c != nil
	})
	e.Watch.Also(e.Tracking)
}

// Left tells that the client has disconnected.
func (e *Env) Left(c *Client) {
	if c.Waiting() {
		e.Blocked.Add(-1)
	}
	e.Monitors.remove(c)
	if e.Tracking.Due() {
		e.Tracking.Flush(c.ID)
	}
	e.Tracking.Disable(c.ID)
}
