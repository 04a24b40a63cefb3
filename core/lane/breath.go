package lane

import (
	"sync"
	"time"
)

// Breath is for goroutines that work for others, as those do that accept connections:
// they need no place, since there are few of their kind. Any goroutine may use it; of
// several that do so at the same time one is enough.
type Breath struct {
	lane *Lane
	mu   sync.Mutex // held by whoever lets others go first
	poll *poll
	at   time.Duration // when others had their turn last
}

// NewBreath makes one. It stays the lane's until that is closed.
func (l *Lane) NewBreath() *Breath {
	b := &Breath{lane: l, poll: &poll{}, at: l.clock()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.polls = append(l.polls, b.poll)
	return b
}

// Step lets others go first if that was a slice ago. Nothing is locked that others
// wait for.
func (b *Breath) Step() { b.take(Slice) }

// Take lets others go first.
func (b *Breath) Take() { b.take(0) }

func (b *Breath) take(after time.Duration) {
	if !b.mu.TryLock() {
		return
	}
	defer b.mu.Unlock()
	if b.lane.clock()-b.at >= after {
		b.lane.yield(b.poll)
		b.at = b.lane.clock()
	}
}
