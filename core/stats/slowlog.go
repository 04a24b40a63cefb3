package stats

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what one entry of the slow log keeps of a request.
const (
	slowArgs  = 32  // arguments
	slowBytes = 128 // of one argument
)

// slowMemory is about how many bytes all entries together take at most, whoever
// wants to keep how many: the log is nobody's account, and has to stay within what
// the process takes for itself. It is enough for several times as many as are kept
// by default, each as long as an entry can be.
const slowMemory = 4 << 20

// Never is the threshold of a log that is off.
const Never = time.Duration(math.MaxInt64)

// SlowCommand is an entry of the slow log.
type SlowCommand struct {
	ID         int64 // never used again, not even after Reset
	At         time.Time
	Took       time.Duration
	Args       []string // shortened
	Addr, Name string   // of the client
}

// Slowlog keeps the last commands that took long. It may be used from any
// goroutine. Make one with NewSlowlog.
type Slowlog struct {
	threshold atomic.Int64

	mu      sync.Mutex
	most    int
	nextID  int64
	entries []SlowCommand // the oldest first
	size    int           // of all entries, in bytes
}

// NewSlowlog makes a log with Redis's defaults: the last 128 commands that
// took 10 ms or more.
func NewSlowlog() *Slowlog {
	l := &Slowlog{most: 128}
	l.SetThreshold(10 * time.Millisecond)
	return l
}

// Threshold is how long a command takes that is entered; Never: none is.
func (l *Slowlog) Threshold() time.Duration { return time.Duration(l.threshold.Load()) }

// SetThreshold changes how long a command takes that is entered. It holds for
// batches that begin afterwards.
func (l *Slowlog) SetThreshold(d time.Duration) { l.threshold.Store(int64(d)) }

// Most is how many entries are kept.
func (l *Slowlog) Most() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most
}

// SetMost changes how many entries are kept, and drops the oldest that are too
// many.
func (l *Slowlog) SetMost(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = n
	l.trim()
}

// Enter enters a command that took long. What args hold is copied.
func (l *Slowlog) Enter(at time.Time, took time.Duration, args [][]byte, addr, name string) {
	e := SlowCommand{At: at, Took: took, Args: shorten(args), Addr: addr, Name: name}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ID = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	l.size += e.size()
	l.trim()
}

// trim drops the oldest entries while there are too many, or they take too much.
func (l *Slowlog) trim() {
	n := 0
	for ; n < len(l.entries) && (len(l.entries)-n > l.most || l.size > slowMemory); n++ {
		l.size -= l.entries[n].size()
	}
	// What is in front stays until append moves the rest, and so it is cheap to
	// drop one for each that is entered.
	clear(l.entries[:n])
	l.entries = l.entries[n:]
}

// size is about how many bytes the entry takes.
func (e *SlowCommand) size() int {
	const header, argument = 128, 32 // of the entry, and of a string with what it is rounded up
	n := header + len(e.Addr) + len(e.Name)
	for _, a := range e.Args {
		n += argument + len(a)
	}
	return n
}

func shorten(args [][]byte) []string {
	n := len(args)
	if n > slowArgs {
		n = slowArgs - 1
	}
	list := make([]string, 0, n+1)
	for _, a := range args[:n] {
		if len(a) > slowBytes {
			list = append(list, fmt.Sprintf("%s... (%d more bytes)", a[:slowBytes], len(a)-slowBytes))
			continue
		}
		list = append(list, string(a))
	}
	if n < len(args) {
		list = append(list, fmt.Sprintf("... (%d more arguments)", len(args)-n))
	}
	return list
}

// Len is how many entries there are.
func (l *Slowlog) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries)
}

// Last returns the last n entries, the newest first; negative: all.
func (l *Slowlog) Last(n int) []SlowCommand {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n > len(l.entries) {
		n = len(l.entries)
	}
	list := make([]SlowCommand, 0, n)
	for i := range n {
		list = append(list, l.entries[len(l.entries)-1-i])
	}
	return list
}

// Reset drops all entries.
func (l *Slowlog) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.size = nil, 0
}
