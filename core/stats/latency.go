package stats

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The events that take time from clients.
const (
	EventCommand     = "command"      // a command that is not known to be fast
	EventFastCommand = "fast-command" // one that is
	EventExpireCycle = "expire-cycle" // one pass of the expiry sweep
)

// latencyHistory is how many spikes of an event are kept.
const latencyHistory = 160

// Spike is the longest time that an event took within one second.
type Spike struct {
	At   time.Time // to the second
	Took time.Duration
}

// Latency keeps what took longer than a threshold, by event. It may be used
// from any goroutine; its zero value is off.
type Latency struct {
	threshold atomic.Int64 // ns; 0: off

	mu     sync.Mutex
	events map[string]*latencyEvent
}

type latencyEvent struct {
	spikes []Spike // the oldest first
	max    time.Duration
}

// Threshold is how long an event takes that is kept; Never: none is.
func (l *Latency) Threshold() time.Duration {
	if d := l.threshold.Load(); d > 0 {
		return time.Duration(d)
	}
	return Never
}

// SetThreshold changes how long an event takes that is kept; 0: none is.
func (l *Latency) SetThreshold(d time.Duration) { l.threshold.Store(int64(d)) }

// Record keeps an event if it took long enough.
func (l *Latency) Record(event string, at time.Time, took time.Duration) {
	if took < l.Threshold() {
		return
	}
	at = at.Truncate(time.Second)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events == nil {
		l.events = map[string]*latencyEvent{}
	}
	e := l.events[event]
	if e == nil {
		e = &latencyEvent{}
		l.events[event] = e
	}
	e.max = max(e.max, took)
	if n := len(e.spikes); n > 0 && e.spikes[n-1].At.Equal(at) {
		e.spikes[n-1].Took = max(e.spikes[n-1].Took, took)
		return
	}
	if len(e.spikes) == latencyHistory {
		e.spikes = append(e.spikes[:0], e.spikes[1:]...)
	}
	e.spikes = append(e.spikes, Spike{at, took})
}

// Events are the events of which something is kept, in order.
func (l *Latency) Events() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.events))
}

// History returns what is kept of an event, the oldest spike first, and the
// longest time since it was last reset.
func (l *Latency) History(event string) (spikes []Spike, longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.events[event]
	if e == nil {
		return nil, 0
	}
	return slices.Clone(e.spikes), e.max
}

// Reset forgets an event and says whether there was something to forget.
func (l *Latency) Reset(event string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.events[event]
	delete(l.events, event)
	return ok
}
