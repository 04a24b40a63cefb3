package command

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Pauses is the pause that CLIENT PAUSE has ordered, if there is one. The zero
// value is none. Its methods may be called from any goroutine.
type Pauses struct {
	what  atomic.Uint32
	mu    sync.Mutex
	until time.Time
	wake  chan struct{} // closed when something changes; nil: nobody waits
	ended bool
}

// What is paused.
const (
	pauseNothing = iota
	pauseWrites
	pauseAll
)

// On says whether anything is paused. A pause that is over may still be on.
func (p *Pauses) On() bool { return p.what.Load() != pauseNothing }

// Holds says whether a command of the client has to wait.
func (p *Pauses) Holds(c *Client, cmd *Command) bool {
	if c.mode&ModeMonitor != 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	switch p.what.Load() {
	case pauseAll:
		return true
	case pauseWrites:
		return cmd.Flags&Write != 0 || cmd.Name == "exec" && c.tx != nil && c.tx.flags&Write != 0
	}
	return false
}

// Wait waits until the pause is over or has changed, or until Wake was called
// and stop says so.
func (p *Pauses) Wait(stop func() bool) {
	p.mu.Lock()
	p.expire()
	if !p.On() || stop() {
		p.mu.Unlock()
		return
	}
	if p.wake == nil {
		p.wake = make(chan struct{})
	}
	wake, timer := p.wake, time.NewTimer(time.Until(p.until))
	p.mu.Unlock()
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	}
}

// Wake makes those who wait look whether they are to stop.
func (p *Pauses) Wake() {
	if p.On() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed()
	}
}

// End ends the pause and all later ones.
func (p *Pauses) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.lift()
}

// start pauses for a time. A pause that is on is made longer and stricter, but
// never shorter or milder.
func (p *Pauses) start(what uint32, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.expire()
	until := time.Now().Add(d)
	if !p.On() || until.After(p.until) {
		p.until = until
	}
	p.what.Store(max(what, p.what.Load()))
	p.changed()
}

func (p *Pauses) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lift()
}

func (p *Pauses) expire() {
	if p.On() && !time.Now().Before(p.until) {
		p.lift()
	}
}

func (p *Pauses) lift() {
	p.what.Store(pauseNothing)
	p.changed()
}

func (p *Pauses) changed() {
	if p.wake != nil {
		close(p.wake)
		p.wake = nil
	}
}

func cmdClientPause(c *Ctx) {
	what := uint32(pauseAll)
	switch {
	case len(c.Args) > 4:
		c.W.Error(c.subcommandError())
		return
	case len(c.Args) == 4 && equalFold(c.Args[3], "write"):
		what = pauseWrites
	case len(c.Args) == 4 && !equalFold(c.Args[3], "all"):
		c.W.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		return
	}
	ms, ok := c.integer(2)
	switch {
	case !ok:
		c.W.Error("ERR timeout is not an integer or out of range")
		return
	case ms < 0:
		c.W.Error("ERR timeout is negative")
		return
	case ms > math.MaxInt64-c.Now:
		c.W.Error("ERR timeout is out of range")
		return
	}
	c.Env.Pauses.start(what, time.Duration(min(ms, int64(mostWait/time.Millisecond)))*time.Millisecond)
	c.W.OK()
}

func cmdClientUnpause(c *Ctx) {
	c.Env.Pauses.stop()
	c.W.OK()
}
