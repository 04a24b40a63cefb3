package command

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

// Subscribed says whether the client listens to tracking.Channel. It may be
// called from any goroutine.
func (c *Client) Subscribed() bool { return c.ShownMode()&ModeSubscribed != 0 }

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
