package command

import (
	"github.com/redistill-go/redistill/core/buffer"
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

// Modes that go together: those of a client that is told of changes, and those that
// RESET ends.
const (
	ModeTracks = ModeTracking | ModeBroadcast | ModeOptIn | ModeOptOut | ModeCaching
	ModeReset  = ModeReplyOff | ModeReplySkipNext | ModeNoEvict | ModeNoTouch
)

// Mode is the client's mode. It is for the connection's own goroutine.
func (c *Client) Mode() Mode { return c.mode }

// ShownMode is Mode for other goroutines.
func (c *Client) ShownMode() Mode { return Mode(c.shown.Load()) }

// SetMode sets and clears bits of the mode.
func (c *Client) SetMode(set, clear Mode) {
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
		c.SetMode(ModeReplySkip, ModeReplySkipNext)
	case c.mode&ModeReplySkip != 0:
		c.SetMode(0, ModeReplySkip)
	}
	if c.mode&ModeCaching != 0 && !c.InMulti() && (cmd == nil || !cmd.KeepsCaching) {
		c.SetMode(0, ModeCaching)
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
	c.enters(sh)
	if sh.Listened() && c.Client.remembers(c.Cmd) && c.Env.Tracking != nil {
		c.Env.Tracking.Remember(sh.Index(), k, c.Client.ID)
	}
}

// enters is entered but for what is remembered.
func (c *Ctx) enters(sh *store.Shard) {
	sh.Quiet(c.Client.mode&ModeNoTouch != 0 && !c.Cmd.CountsUse)
	if t := c.Env.Tracking; t != nil && sh.Listened() {
		t.Enter(sh.Index(), c.Client.ID)
	}
}

// enteredAll is entered for all keys of LockKeys, which are to be remembered if they
// have not been.
func (c *Ctx) enteredAll(remember bool) {
	for _, k := range c.Keys {
		switch sh := c.Store.Locked(k); {
		case !sh.Listened() && c.Client.mode == 0:
		case remember:
			c.entered(sh, k)
		default:
			c.enters(sh)
		}
	}
}

// rememberAtOnce is how many keys are remembered with their shards locked: each of
// them may drive out others, of which clients are told.
const rememberAtOnce = 64

// rememberMany remembers all keys before they are locked together, some at a time.
// The client may so be told of a change before it has the reply, as it may be with
// any redirection: it must not keep what it was told of since it asked.
func (c *Ctx) rememberMany() {
	for keys := c.Keys; len(keys) > 0 && !c.Gone(); {
		some := keys[:min(len(keys), rememberAtOnce)]
		keys = keys[len(some):]
		c.Store.LockKeys(&c.locks, some)
		for _, k := range some {
			c.Env.Tracking.Remember(c.Store.Locked(k).Index(), k, c.Client.ID)
		}
		c.locks.Unlock()
	}
}

// Subscribed says whether the client listens to tracking.Channel. It may be
// called from any goroutine.
func (c *Client) Subscribed() bool { return c.ShownMode()&ModeSubscribed != 0 }

// NewTracker makes Tracking, which hears of changes through Watch. Store and
// Watch are set and not used yet. What is remembered goes to the pool, which may be
// nil.
func (e *Env) NewTracker(pool *buffer.Pool) {
	e.Tracking = tracking.New(e.Store, pool, func(id int64) (tracking.Peer, bool) {
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
	e.Monitors.Remove(c)
	if e.Tracking.Due() {
		e.Tracking.Flush(c.ID)
	}
	e.Tracking.Disable(c.ID)
}

// TooManyClients is what a client is told that is one too many.
const TooManyClients = "ERR max number of clients reached"

// Keep tells, before anything is run, that the client has no ordinary place but
// the one that is kept for an administrator while the server has as many clients
// as it may: it can look after the server, and nothing else.
func (c *Client) Keep() {
	c.kept.Store(true)
	c.SetMode(ModeKept, 0)
}

// Kept says whether the client has that place. It may be called from any goroutine.
func (c *Client) Kept() bool { return c.kept.Load() }

// Promote tells that the client has an ordinary place now. It may be called from
// any goroutine.
func (c *Client) Promote() { c.kept.Store(false) }

// TurnsAway says whether the client is one too many for the command: whoever uses
// data has no claim to the administrator's place.
func (c *Client) TurnsAway(cmd *Command) bool {
	switch {
	case c.mode&ModeKept == 0:
		return false
	case !c.Kept():
		c.SetMode(0, ModeKept)
		return false
	}
	return !cmd.Tends
}

// StartTracking makes the client be told of changes, or changes how: see
// tracking.Tracker.Enable. Prefixes are the client's memory for as long as it has them.
func (c *Ctx) StartTracking(o tracking.Options) {
	c.Env.Tracking.Enable(c.Client.ID, c.Client, o, c.Gone)
	has, _, _ := c.Env.Tracking.Status(c.Client.ID)
	c.Client.prefixed = tracking.Cost(has.Prefixes)
}

// StopTracking ends the client's tracking.
func (c *Ctx) StopTracking() {
	if c.Client.mode&ModeTracking != 0 {
		c.Env.Tracking.Disable(c.Client.ID)
		c.Client.prefixed = 0
		c.Client.SetMode(0, ModeTracks)
	}
}

// Redirect is the client that is told of changes instead of this one: 0 none,
// -1 if it doesn't track.
func (e *Env) Redirect(id int64) int64 {
	o, _, ok := e.Tracking.Status(id)
	if !ok {
		return -1
	}
	return o.Redirect
}
