//go:build race || holds

package store

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mutex is the lock of a shard that a HoldMeter can watch. Tests run with the race
// detector and other builds pay nothing.
type mutex struct {
	sync.Mutex
	meter atomic.Pointer[HoldMeter]
	taken time.Duration // by the processor time of thread
	by    int           // the thread; 0: nobody measures
}

// Lock locks the mutex.
func (m *mutex) Lock() {
	m.Mutex.Lock()
	if h := m.meter.Load(); h != nil && syscall.Gettid() == h.thread {
		m.by, m.taken = h.thread, threadTime()
	}
}

// Unlock unlocks the mutex.
func (m *mutex) Unlock() {
	if h := m.meter.Load(); h != nil && m.by == h.thread {
		h.longest = max(h.longest, threadTime()-m.taken)
	}
	m.by = 0
	m.Mutex.Unlock()
}

// HoldMeter measures how long shards are locked by one thread, in processor time,
// so that a busy machine does not count. It is there in builds with the race
// detector only.
type HoldMeter struct {
	thread  int
	longest time.Duration
}

// MeterHolds measures the calling goroutine, which has called
// runtime.LockOSThread, from now on.
func (st *Store) MeterHolds() *HoldMeter {
	h := &HoldMeter{thread: syscall.Gettid()}
	for i := range st.shards {
		st.shards[i].mu.meter.Store(h)
	}
	return h
}

// Longest is the longest time that the goroutine has held a shard since the last
// call. The goroutine itself calls it.
func (h *HoldMeter) Longest() time.Duration {
	d := h.longest
	h.longest = 0
	return d
}

// threadTime is how long the calling thread has run.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // fails for what is not a valid argument
	return time.Duration(t.Nano())
}
