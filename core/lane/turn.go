package lane

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Turn is what one goroutine does between two waits. The zero value, without a
// lane, never keeps it.
type Turn struct {
	lane  *Lane
	since time.Duration // when the slice began; 0: not known yet
	place *place        // nil: it has not worked for long
	long  bool          // it is to have a place when it begins again
	wait  atomic.Pointer[waiting]

	hurried atomic.Bool
}

// NewTurn makes one for a goroutine. l may be nil.
func NewTurn(l *Lane) Turn { return Turn{lane: l} }

// Begin begins a turn. It waits for a place if the one before was long: many of
// them would be much together.
func (t *Turn) Begin() {
	if t.long {
		t.long = false
		t.Work()
	}
}

// Since tells when the turn has begun, by the lane's clock, if that is not known:
// it saves reading the clock.
func (t *Turn) Since(now time.Duration) {
	if t.since == 0 {
		t.since = now
	}
}

// Step lets others go first if it has worked for a slice. Nothing is locked that
// others wait for.
func (t *Turn) Step() {
	l := t.lane
	if l == nil {
		return
	}
	switch now := l.clock(); {
	case t.since == 0:
		t.since = now
	case now-t.since >= Slice:
		t.goOn()
	}
}

// StepOn is Step for whoever has what others wait for, who may have places: it waits
// for none.
func (t *Turn) StepOn() {
	l := t.lane
	if l == nil || l.clock()-t.since < Slice {
		return
	}
	t.long = true
	if t.place == nil {
		t.place = l.tryTake()
	}
	if t.place == nil {
		runtime.Gosched() // those who have all places poll
		t.since = l.clock()
		return
	}
	t.settle()
}

// goOn waits until it may work for another slice.
func (t *Turn) goOn() {
	t.long = true
	if t.place == nil {
		t.Work()
		return
	}
	t.place = t.lane.swap(t.place, t.waiting())
	t.settle()
}

// Work takes a place at once, for what is going to take long or can wait.
func (t *Turn) Work() {
	if t.lane == nil || t.place != nil {
		return
	}
	t.place = t.lane.take(t.waiting())
	t.settle()
}

// settle begins a slice. What has become ready since the place was last polled for,
// by whoever had it then, comes first.
func (t *Turn) settle() {
	l, p := t.lane, t.place
	now := l.clock()
	if now-p.polled >= Slice {
		l.yield(&p.poll)
		now = l.clock()
		p.polled = now
	}
	t.since = now
}

// waiting is where the turn waits for a place.
func (t *Turn) waiting() *waiting {
	w := t.wait.Load()
	if w == nil {
		w = &waiting{got: make(chan *place, 1), hurried: &t.hurried}
		t.wait.Store(w)
	}
	return w
}

// Pause ends a turn that Begin goes on with: it blocks meanwhile.
func (t *Turn) Pause() {
	t.long = t.long || t.place != nil
	t.leave()
}

func (t *Turn) leave() {
	t.since = 0
	if p := t.place; p != nil {
		t.place = nil
		t.lane.put(p)
	}
}

// End ends the turn. large: the next one is going to be long.
func (t *Turn) End(large bool) {
	t.leave()
	t.long = t.long || large
	if !t.long && t.wait.Load() != nil {
		t.wait.Store(nil)
	}
}

// Hurry lets the turn have the next place from now on, before others that wait for
// one. Any goroutine may call it.
func (t *Turn) Hurry() {
	t.hurried.Store(true)
	if w := t.wait.Load(); w != nil {
		t.lane.hurry(w)
	}
}
