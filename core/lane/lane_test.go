package lane

import (
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// clocked is a lane whose clock stands still until it is told, and that polls by
// only counting.
type clocked struct {
	*Lane
	now   time.Duration
	polls int
}

func newClocked(places int) *clocked {
	c := &clocked{now: time.Hour}
	c.Lane = New(places, func() time.Duration { return c.now })
	c.yield = func(*poll) { c.polls++ }
	return c
}

// free is how many places nobody has, and waiting who waits.
func (c *clocked) state() (free, waiting int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := c.first; w != nil; w = w.next {
		waiting++
	}
	return len(c.free), waiting
}

// Short work never needs a place, and a turn without a lane never waits.
func TestShortWorkTakesNoPlace(t *testing.T) {
	c := newClocked(1)
	turn := NewTurn(c.Lane)
	for range 100 {
		turn.Begin()
		turn.Step()
		c.now += Slice - 1
		turn.Step()
		turn.End(false)
	}
	if free, _ := c.state(); free != 1 || c.polls != 0 {
		t.Errorf("%d of 1 places free, polled %d times", free, c.polls)
	}
	var none Turn
	none.Since(1)
	none.End(true)
	none.Begin()
	none.Work()
	none.Step()
	none.Hurry()
	none.Pause()
}

// What works for long has a place, and lets others go first after each slice.
func TestLongWorkPollsAfterEachSlice(t *testing.T) {
	c := newClocked(1)
	turn := NewTurn(c.Lane)
	turn.Begin()
	turn.Since(c.now)
	for n := 1; n <= 10; n++ {
		c.now += Slice / 2
		turn.Step()
		c.now += Slice / 2
		turn.Step()
		if free, _ := c.state(); free != 0 || c.polls != n {
			t.Fatalf("after %d slices: %d places free, polled %d times", n, free, c.polls)
		}
	}
	turn.End(false)
	if free, _ := c.state(); free != 1 {
		t.Error("it has kept its place")
	}
	// The next turn begins with a place, and if it is short, the one after does not.
	turn.Begin()
	if free, _ := c.state(); free != 0 {
		t.Error("a long turn is followed by one without a place")
	}
	turn.End(false)
	turn.Begin()
	if free, _ := c.state(); free != 1 {
		t.Error("a short turn is followed by one with a place")
	}
}

// A pause gives the place back, and Begin takes one again.
func TestPauseGivesThePlaceBack(t *testing.T) {
	c := newClocked(1)
	turn := NewTurn(c.Lane)
	turn.Work()
	turn.Pause()
	if free, _ := c.state(); free != 1 {
		t.Error("a place is kept in a pause")
	}
	turn.Begin()
	if free, _ := c.state(); free != 0 {
		t.Error("there is no place after a pause")
	}
	turn.End(false)
}

// Whoever others wait for takes a place where there is one and waits for none.
func TestStepOnWaitsForNoPlace(t *testing.T) {
	c := newClocked(1)
	first, second := NewTurn(c.Lane), NewTurn(c.Lane)
	for _, turn := range []*Turn{&first, &second} {
		turn.Since(c.now)
		turn.StepOn()
	}
	if free, _ := c.state(); free != 1 || c.polls != 0 {
		t.Errorf("%d places free, polled %d times before a slice was over", free, c.polls)
	}
	c.now += Slice
	first.StepOn()
	second.StepOn()
	if free, waiting := c.state(); free != 0 || waiting != 0 || c.polls != 1 {
		t.Errorf("%d places free, %d wait, polled %d times", free, waiting, c.polls)
	}
	first.End(false)
	second.End(false)
}

// However many begin at once, no more work than there are places, and between two
// slices of whatever turns somebody polls.
func TestNoMoreWorkThanThereArePlaces(t *testing.T) {
	const places, workers, slices = 2, 50, 20
	c := newClocked(places)
	var (
		mu         sync.Mutex // of all that follows, and of the clock
		busy, most int
		worked     int
	)
	c.clock = func() time.Duration { mu.Lock(); defer mu.Unlock(); return c.now }
	c.yield = func(*poll) { mu.Lock(); c.polls++; mu.Unlock() }
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			turn := NewTurn(c.Lane)
			turn.End(true)
			turn.Begin()
			for range slices {
				mu.Lock()
				busy++
				most = max(most, busy)
				mu.Unlock()
				runtime.Gosched()
				mu.Lock()
				c.now += Slice
				worked++
				busy--
				mu.Unlock()
				turn.Step()
			}
			turn.End(false)
		})
	}
	all.Wait()
	if most > places {
		t.Errorf("%d worked at a time with %d places", most, places)
	}
	if free, waiting := c.state(); free != places || waiting != 0 {
		t.Errorf("in the end %d places are free, %d wait", free, waiting)
	}
	// Two that work at the same time may poll once for both.
	if least := worked / places; c.polls < least {
		t.Errorf("polled %d times in %d slices, want %d at least", c.polls, worked, least)
	}
}

// Whoever waits has its turn in order, but for one in a hurry.
func TestPlacesAreGivenInOrder(t *testing.T) {
	c := newClocked(1)
	owner := NewTurn(c.Lane)
	owner.Work()
	var (
		turns [4]Turn
		order []int
		all   sync.WaitGroup
	)
	for i := range turns {
		turns[i] = NewTurn(c.Lane)
		all.Go(func() {
			turns[i].Work()
			order = append(order, i)
			turns[i].End(false)
		})
		for waiting := 0; waiting <= i; _, waiting = c.state() {
			runtime.Gosched()
		}
	}
	turns[2].Hurry()
	turns[2].Hurry()
	owner.Hurry()
	owner.End(false)
	all.Wait()
	if want := []int{2, 0, 1, 3}; !slices.Equal(order, want) {
		t.Errorf("places were given in order %v, want %v", order, want)
	}
}

// A hurry lasts: whoever is in one waits for the next place alone whenever it waits.
func TestHurryLasts(t *testing.T) {
	c := newClocked(1)
	owner := NewTurn(c.Lane)
	owner.Work()
	var (
		turns [3]Turn
		order []int
		all   sync.WaitGroup
	)
	turns[2].Hurry() // before it waits for the first time
	for i := range turns {
		turns[i].lane = c.Lane
		all.Go(func() {
			turns[i].Work()
			order = append(order, i)
			turns[i].End(false)
		})
		for waiting := 0; waiting <= i; _, waiting = c.state() {
			runtime.Gosched()
		}
	}
	owner.End(false)
	all.Wait()
	if want := []int{2, 0, 1}; !slices.Equal(order, want) {
		t.Errorf("places were given in order %v, want %v", order, want)
	}
}

// Whoever works on when the lane is closed is not kept, and no file stays open or is
// opened again.
func TestCloseLeavesNoFile(t *testing.T) {
	now := time.Hour
	l := New(1, func() time.Duration { return now })
	turn, breath := NewTurn(l), l.NewBreath()
	turn.Work()
	breath.Take()
	if n := l.Descriptors(); n != 2 || l.open() != n {
		t.Errorf("%d files are open, and %d may be, want 2", l.open(), n)
	}
	l.Close()
	now += Slice
	turn.Step()
	breath.Step()
	turn.End(false)
	if n := l.open(); n != 0 {
		t.Errorf("%d files are open in the end", n)
	}
}

// open is how many files there are.
func (l *Lane) open() (n int) {
	for _, p := range l.polls {
		if p.file != nil {
			n++
		}
	}
	return n
}

// What is ready on a socket when a slice ends is served before the next one begins,
// on the only processor, though there is always somebody else to run.
func TestWhatIsReadyGoesFirst(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	now := time.Hour // the beginning is no time at all
	l := New(1, func() time.Duration { return now })
	defer l.Close()
	here, there := pair(t)
	served := make(chan struct{}, 1)
	go func() {
		var b [1]byte
		for {
			if _, err := here.Read(b[:]); err != nil {
				return
			}
			served <- struct{}{}
		}
	}()
	turn := NewTurn(l)
	turn.Work()
	defer turn.End(false)
	for i := range 200 {
		if _, err := there.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		now += Slice
		turn.Step()
		select {
		case <-served:
		default:
			t.Fatalf("slice %d has begun before what was ready was served", i)
		}
	}
}

// pair is two ends of a connection.
func pair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nothing is lost with it
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}
