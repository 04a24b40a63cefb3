package server

import (
	"context"
	"time"
)

// trial is what a connection is on that has yet to show that it is a client. Both
// timers belong to the connection's goroutine; what they call does not.
type trial struct {
	// proof ends the connection unless it has shaken hands, where its transport
	// does, and has authenticated, where a password is asked for. Nil: it has, or
	// may take its time.
	proof *time.Timer
	// word ends one that has the kept place and says nothing. Nil: it has spoken.
	word *time.Timer
}

// handshaker is a connection that shakes hands before it can be read.
type handshaker interface {
	HandshakeContext(context.Context) error
}

// begin puts a connection that has just been accepted on trial.
func (c *conn) begin() error {
	if c.session.Client.Kept() {
		c.trial.word = time.AfterFunc(keptPatience, c.turnAway)
	}
	hands, shakes := c.nc.(handshaker)
	if shakes || !c.session.Client.Authenticated {
		c.demandProof()
	}
	if !shakes {
		return nil
	}
	c.note(kindAwake, streamCost+awakeCost)
	c.server.heed()
	// The timer ends it, and so does the deadline of a server that drains.
	if err := hands.HandshakeContext(context.Background()); err != nil {
		return err
	}
	c.judgeProof()
	return nil
}

// onTrial says whether judge has something to do, as it rarely has.
func (c *conn) onTrial() bool {
	return c.session.Client.Authenticated == (c.trial.proof != nil) || c.trial.word != nil
}

// judge looks at what a client that has spoken has shown by now.
func (c *conn) judge() {
	if c.trial.word != nil {
		c.trial.word.Stop()
		c.trial.word = nil
	}
	c.judgeProof()
}

// judgeProof ends the demand for a proof, or begins it anew for a client that is
// authenticated no longer, which is what RESET does.
func (c *conn) judgeProof() {
	switch authenticated := c.session.Client.Authenticated; {
	case !authenticated:
		c.demandProof()
	case c.trial.proof != nil:
		c.trial.proof.Stop()
		c.trial.proof = nil
	}
}

// demandProof gives the client its time.
func (c *conn) demandProof() {
	if d := c.server.authTimeout; c.trial.proof == nil && d > 0 {
		c.trial.proof = time.AfterFunc(d, func() {
			c.server.shared.Env.Stats.AuthTimeouts.Add(1)
			c.server.log.Debug("a connection has not authenticated in time", "client", c.session.Client.Addr, "timeout", d)
			c.cut()
		})
	}
}

// end ends the trial with the connection.
func (t *trial) end() {
	for _, timer := range []*time.Timer{t.proof, t.word} {
		if timer != nil {
			timer.Stop()
		}
	}
}
