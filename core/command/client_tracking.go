package command

import (
	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/tracking"
)

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
	for keys := c.Keys; len(keys) > 0 && !c.Step(); {
		some := keys[:min(len(keys), rememberAtOnce)]
		keys = keys[len(some):]
		c.Store.LockKeys(&c.locks, some)
		for _, k := range some {
			c.Env.Tracking.Remember(c.Store.Locked(k).Index(), k, c.Client.ID)
		}
		c.locks.Unlock()
	}
}

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
