package command

import (
	"sync"
	"sync/atomic"
	"time"
)

// Pauses is what keeps commands waiting: the pause that CLIENT PAUSE has ordered,
// and a stop of the server, which takes no more writes while it saves the last
// snapshot. The zero value keeps nothing. Its methods may be called from any
// goroutine.
type Pauses struct {
	what  atomic.Uint32 // of both
	mu    sync.Mutex
	pause uint32 // CLIENT PAUSE, until then
	until time.Time
	held  bool          // a stop holds writes
	wake  chan struct{} // closed when something changes; nil: nobody waits
	ended bool
}

// What is paused.
const (
	pauseNothing = iota
	PauseWrites
	PauseAll
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
	case PauseAll:
		return true
	case PauseWrites:
		return cmd.Flags&Write != 0 || cmd.RunsQueue && c.tx != nil && c.tx.flags&Write != 0
	}
	return false
}

// Hold makes writes wait until Release. Those that are being executed go on.
func (p *Pauses) Hold() { p.hold(true) }

// Release ends Hold.
func (p *Pauses) Release() { p.hold(false) }

func (p *Pauses) hold(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = on
	p.changed()
}

// Over says that what waits will never be executed: writes are held, and the
// server ends.
func (p *Pauses) Over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held && p.ended
}

// Wait waits until what is kept waiting has changed, or until Wake was called
// and stop says so.
func (p *Pauses) Wait(stop func() bool) {
	p.mu.Lock()
	p.expire()
	if !p.On() || p.held && p.ended || stop() {
		p.mu.Unlock()
		return
	}
	if p.wake == nil {
		p.wake = make(chan struct{})
	}
	wake := p.wake
	var end <-chan time.Time
	if p.pause != pauseNothing {
		timer := time.NewTimer(time.Until(p.until))
		defer timer.Stop()
		end = timer.C
	}
	p.mu.Unlock()
	select {
	case <-wake:
	case <-end:
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

// End ends the pause and all later ones, but not Hold: see Over.
func (p *Pauses) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.lift()
}

// Start pauses for a time. A pause that is on is made longer and stricter, but
// never shorter or milder.
func (p *Pauses) Start(what uint32, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.expire()
	until := time.Now().Add(d)
	if p.pause == pauseNothing || until.After(p.until) {
		p.until = until
	}
	p.pause = max(what, p.pause)
	p.changed()
}

// Stop ends the pause that CLIENT PAUSE has ordered.
func (p *Pauses) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lift()
}

func (p *Pauses) expire() {
	if p.pause != pauseNothing && !time.Now().Before(p.until) {
		p.lift()
	}
}

func (p *Pauses) lift() {
	p.pause = pauseNothing
	p.changed()
}

// changed works out what is kept waiting now, and wakes those who wait.
func (p *Pauses) changed() {
	what := p.pause
	if p.held {
		what = max(what, PauseWrites)
	}
	p.what.Store(what)
	if p.wake != nil {
		close(p.wake)
		p.wake = nil
	}
}
