package server

import (
	"sync/atomic"

	"github.com/redistill-go/redistill/core/command"
)

// What clients hold is an account of its own: they never make the store give
// way, and data never makes them give way.
//
// A connection notes what it holds whenever it begins to wait with something in
// its hands: for the rest of a request, for its client to read, or in a command
// that blocks. What is held between two of those is at work and not noted, but
// for replies that are too long for one write. A connection that was cut counts
// no more, since nothing keeps it: its memory comes back a moment later.

// kind is a kind of what connections hold.
type kind int

const (
	kindInput   kind = iota // requests that have not arrived whole or wait to be executed
	kindOutput              // replies
	kindPushes              // messages
	kindQueued              // commands of a transaction
	kindWatched             // keys
	kindTracked             // prefixes
	kindNamed               // what the client calls itself
	kindAwake               // the goroutine of a connection that is not parked while it waits, and a stream's state
	kindWork                // what a request takes beside all that while it is executed
	kinds
)

// accounts are the sums over all connections, in bytes.
type accounts struct {
	of    [kinds]atomic.Int64
	total atomic.Int64 // of all kinds, and baseCost for each connection
	dying atomic.Int64 // of connections that were cut and have not ended
}

// baseCost is about what a connection takes that is parked and holds nothing, and
// awakeCost what its goroutine takes, of which most is the stack. streamCost is about
// what a stream takes, parked or not: its keys, and buffers that TLS does not let go.
const (
	baseCost   = command.IdleClient
	awakeCost  = 4 << 10
	streamCost = 5 << 10
)

// open counts a connection, close one that is gone.
func (a *accounts) open()  { a.total.Add(baseCost) }
func (a *accounts) close() { a.total.Add(-baseCost) }

// account is what one connection holds.
type account struct {
	of   [kinds]atomic.Int64
	owed atomic.Int64 // what it held when it was cut
}

// sum is all that the connection holds.
func (a *account) sum() int64 {
	n := int64(baseCost)
	for i := range a.of {
		n += a.of[i].Load()
	}
	return n
}

// note enters how many bytes of a kind the connection holds. The limit of all
// clients is not looked at: see heed. One goroutine at a time notes each kind.
func (c *conn) note(k kind, n int64) {
	if c.dead.Load() {
		n = 0
	}
	own := &c.account.of[k]
	if own.Load() == n {
		return
	}
	all, change := &c.server.accounts, n-own.Swap(n)
	all.of[k].Add(change)
	all.total.Add(change)
}

// condemn marks the connection as cut, and takes it from the accounts. It may be
// done again.
func (c *conn) condemn() {
	if !c.dead.Swap(true) {
		owed := c.account.sum() - baseCost
		c.account.owed.Store(owed)
		c.server.accounts.dying.Add(owed)
		if wake := c.onCut.Swap(nil); wake != nil {
			close(*wake)
		}
		// Others may be about to queue as much for the next one, and this one's
		// goroutine may have to wait for its turn.
		c.out.close(c.server.shared.Buffers)
		c.session.Turn.Hurry() // what it holds comes back the sooner
	}
	for k := range kinds {
		c.note(k, 0)
	}
}

// ended tells that the connection holds nothing any more.
func (c *conn) ended() {
	c.condemn()
	c.server.accounts.dying.Add(-c.account.owed.Load())
	c.server.accounts.close()
	c.server.gate.tell()
}

// noteWaiting enters what the connection's own goroutine holds before it waits:
// what was half done, and its workspace if it keeps that.
func (c *conn) noteWaiting() {
	arrived, input := c.session.Resting()
	output := 0
	if c.ws != nil {
		arrived, input, output = c.ws.Held()
	}
	if int64(arrived) != c.arrived.Load() {
		c.arrived.Store(int64(arrived))
	}
	c.note(kindInput, int64(input))
	c.note(kindOutput, int64(output))
	queued, watched, prefixed, named := c.session.Client.Held()
	c.note(kindQueued, int64(queued))
	c.note(kindWatched, int64(watched))
	c.note(kindTracked, int64(prefixed))
	c.note(kindNamed, int64(named))
	c.server.heed()
}

// worksOn ends the time that noteWaiting was for. What is at work is not noted, but
// what waits for its turn is.
func (c *conn) worksOn() {
	c.session.Turn.Begin()
	c.unread.Store(0)
	c.softSince.Store(0)
	c.note(kindInput, 0)
	c.note(kindOutput, 0)
}
