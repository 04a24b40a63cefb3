package command

import (
	"sync"
	"time"
)

// blocking is the wait of a client whose command waits for something. The client's
// own goroutine begins and ends it; whoever else may wake the client.
//
// A command that blocks writes no reply: the session stops behind it, its driver
// calls Await, holding nothing, and the session replies when it runs again.
type blocking struct {
	on   bool // for the client's own goroutine
	mute bool // the reply is to be dropped

	mu     sync.Mutex
	until  time.Time     // zero: no end
	wake   chan struct{} // closed when the client is to go on; nil: it does not wait
	failed bool          // it was woken with an error
}

// Block makes the client wait so long, or for ever if it is 0.
func (c *Ctx) Block(timeout time.Duration) {
	b := &c.Client.block
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on, b.mute, b.failed = true, false, false
	b.wake, b.until = make(chan struct{}), time.Time{}
	if timeout > 0 {
		b.until = time.Now().Add(timeout)
	}
	c.Env.Blocked.Add(1)
}

// Waiting says whether the client's last command waits for something. It is for
// the connection's own goroutine.
func (c *Client) Waiting() bool { return c.block.on }

// MuteWaiting drops the reply of the command that waits.
func (c *Client) MuteWaiting() { c.block.mute = true }

// Blocked is Waiting for other goroutines.
func (c *Client) Blocked() bool {
	c.block.mu.Lock()
	defer c.block.mu.Unlock()
	return c.block.wake != nil
}

// Await returns when the client's wait is over, or when Unblock is called or
// stop, which is asked before, says so. The client waits.
func (c *Client) Await(stop func() bool) {
	b := &c.block
	b.mu.Lock()
	wake, until := b.wake, b.until
	b.mu.Unlock()
	if wake == nil || stop() {
		return
	}
	var end <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		end = timer.C
	}
	select {
	case <-wake:
	case <-end:
	}
}

// Unblock ends the client's wait, as if its time were over or with an error,
// and says whether it waited.
func (c *Client) Unblock(withError bool) bool {
	b := &c.block
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wake == nil {
		return false
	}
	close(b.wake)
	b.wake, b.failed = nil, withError
	return true
}

// EndWait replies to the command that waited.
func (c *Ctx) EndWait() {
	c.Client.Unblock(false)
	c.Client.block.on = false
	c.Env.Blocked.Add(-1)
	switch {
	case c.Client.block.mute:
	case c.Client.block.failed:
		c.W.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK")
	default:
		c.W.Int(0)
	}
}

// MostWait is as good as for ever.
const MostWait = 100 * 365 * 24 * time.Hour
