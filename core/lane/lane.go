package lane

import (
	"sync"
	"sync/atomic"
	"time"
)

// Slice is how long may be worked before others have their turn. Polling costs a
// few microseconds.
const Slice = 200 * time.Microsecond

// Lane has the places for long work. Make one with New.
type Lane struct {
	clock func() time.Duration
	yield func(*poll) // changed by tests alone

	mu    sync.Mutex
	polls []*poll // all that were made
	free  []*place
	// Those that wait for a place, in order.
	first, last *waiting
}

// place is the right to work for long.
type place struct {
	poll   poll
	polled time.Duration // when it was polled for last
}

// waiting is a Turn that waits for a place.
type waiting struct {
	got        chan *place
	prev, next *waiting
	queued     bool
	hurried    *atomic.Bool // it waits before all others
}

// New makes a lane with so many places, at least one. clock is any that never goes
// back.
func New(places int, clock func() time.Duration) *Lane {
	l := &Lane{clock: clock, yield: (*poll).yield}
	for range max(places, 1) {
		p := &place{polled: -Slice}
		l.polls, l.free = append(l.polls, &p.poll), append(l.free, p)
	}
	return l
}

// Close gives back what polling has taken. Whoever works on lets those go first that
// the scheduler knows of.
func (l *Lane) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.polls {
		p.close()
	}
}

// Descriptors is how many files the lane may have open.
func (l *Lane) Descriptors() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.polls)
}

// tryTake returns a place if there is a free one.
func (l *Lane) tryTake() (p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pop()
}

// pop is tryTake for whoever has the lock.
func (l *Lane) pop() (p *place) {
	if n := len(l.free); n > 0 {
		p = l.free[n-1]
		l.free = l.free[:n-1]
	}
	return p
}

// take returns a place, after everybody who waits already, unless it is in a hurry.
// w is where it waits.
func (l *Lane) take(w *waiting) *place {
	l.mu.Lock()
	if p := l.pop(); p != nil {
		l.mu.Unlock()
		return p
	}
	l.push(w)
	l.mu.Unlock()
	return <-w.got
}

// put gives a place back, to whoever waits first.
func (l *Lane) put(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.first; w != nil {
		l.remove(w)
		w.got <- p
		return
	}
	l.free = append(l.free, p)
}

// swap exchanges a place for a later one, or for itself where nobody waits.
func (l *Lane) swap(p *place, w *waiting) *place {
	l.mu.Lock()
	next := l.first
	if next == nil {
		l.mu.Unlock()
		return p
	}
	l.remove(next)
	l.push(w)
	next.got <- p
	l.mu.Unlock()
	return <-w.got
}

// push lets w wait behind all others, or before them if it is in a hurry.
func (l *Lane) push(w *waiting) {
	if w.hurried.Load() {
		l.pushFirst(w)
		return
	}
	w.prev, w.next, w.queued = l.last, nil, true
	if l.last != nil {
		l.last.next = w
	} else {
		l.first = w
	}
	l.last = w
}

func (l *Lane) remove(w *waiting) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.last = w.prev
	}
	w.prev, w.next, w.queued = nil, nil, false
}

func (l *Lane) pushFirst(w *waiting) {
	w.prev, w.next, w.queued = nil, l.first, true
	if l.first != nil {
		l.first.prev = w
	} else {
		l.last = w
	}
	l.first = w
}

// hurry lets w, which is in a hurry by now, wait no longer than for the next place.
func (l *Lane) hurry(w *waiting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.queued {
		l.remove(w)
		l.pushFirst(w)
	}
}
