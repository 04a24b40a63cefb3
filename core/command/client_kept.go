package command

// TooManyClients is what a client is told that is one too many.
const TooManyClients = "ERR max number of clients reached"

// Keep tells, before anything is run, that the client has no ordinary place but
// the one that is kept for an administrator while the server has as many clients
// as it may: it can look after the server, and nothing else.
func (c *Client) Keep() {
	c.kept.Store(true)
	c.setMode(ModeKept, 0)
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
		c.setMode(0, ModeKept)
		return false
	}
	return cmd.Group != "connection" && cmd.Group != "server"
}
