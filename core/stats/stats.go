// Package stats holds the process-wide counters and times that INFO and
// /metrics both read, the slow log and the latency monitor.
//
// Sessions count into a Batch of their own, which is plain memory, and flush
// it once per pipeline batch: statistics cost the hot path no shared write per
// command. What a reader sees is therefore late by at most the batches that
// are being executed now.
//
// Concurrency: Stats may be used from any goroutine. A Batch belongs to one
// goroutine at a time.
package stats

import (
	"sync/atomic"
	"time"
)

// Stats are the totals since the start, or since CONFIG RESETSTAT for those
// that Reset clears.
type Stats struct {
	Started time.Time

	Commands             atomic.Int64 // commands executed, refused ones included
	KeyspaceHits         atomic.Int64 // read commands that found their key, per key
	KeyspaceMisses       atomic.Int64
	ConnectionsReceived  atomic.Int64 // accepted, refused ones included
	ConnectionsRejected  atomic.Int64 // refused because of max_clients
	ConnectionsCurrent   atomic.Int64 // gauge: open now; Reset leaves it alone
	OutputLimitCloses    atomic.Int64 // clients closed at output_buffer_limit
	EvictedClients       atomic.Int64 // clients closed for what all clients held
	IdleCloses           atomic.Int64 // clients closed at idle_timeout
	AuthTimeouts         atomic.Int64 // clients closed at auth_timeout
	ProtocolErrors       atomic.Int64 // clients closed for breaking the protocol
	AuthFailures         atomic.Int64
	AcceptErrors         atomic.Int64
	NetInput             atomic.Int64 // bytes
	NetOutput            atomic.Int64 // bytes
	ErrorReplies         atomic.Int64
	SnapshotsSaved       atomic.Int64
	SnapshotsFailed      atomic.Int64
	SnapshotLastUnixMs   atomic.Int64 // gauge: when the last good snapshot ended; 0: never
	SnapshotLastKeys     atomic.Int64 // gauge
	SnapshotLastDuration atomic.Int64 // gauge, nanoseconds
	SnapshotLastFailed   atomic.Int64 // gauge: 1 if the last one could not be written
	SnapshotLastChanges  atomic.Int64 // gauge: writes to the store before the last good one began
	SnapshotBeganUnixMs  atomic.Int64 // gauge: when the one that is being written began; 0: none is
	SnapshotLastCopied   atomic.Int64 // gauge, bytes: copied during the last good one because clients changed it
	SnapshotKeysLoaded   atomic.Int64 // gauge: keys of the snapshot that was loaded at the start
	SnapshotKeysExpired  atomic.Int64 // gauge: keys of it that had expired and were left out
	SnapshotLoadDone     atomic.Int64 // gauge: bytes of it that were read so far
	SnapshotLoadTotal    atomic.Int64 // gauge: bytes of it; 0: none was loaded, or its backend doesn't tell
	// SnapshotLoadBeganUnixMs is a gauge: when the load began; 0: there was none.
	SnapshotLoadBeganUnixMs atomic.Int64
	MemoryPeak              atomic.Int64 // gauge, bytes: the most that was seen in use

	Slowlog *Slowlog
	Latency Latency

	perCommand []command
	errors     errorCodes
	rates      rates
	expired    atomic.Int64 // what the store had counted at the last Reset
	evicted    atomic.Int64
}

type command struct {
	calls, failed, rejected atomic.Int64
	time                    atomic.Int64 // nanoseconds
	times                   atomic.Pointer[histogram]
}

// New makes the counters for a table of so many commands.
func New(commands int) *Stats {
	return &Stats{Started: time.Now(), Slowlog: NewSlowlog(), perCommand: make([]command, commands)}
}

// Command returns how often the command with this index in the command table
// was called, how many of those calls replied with an error, and how often it
// was refused before it ran (wrong arity, no authentication, out of memory).
func (s *Stats) Command(index int) (calls, failed, rejected int64) {
	c := &s.perCommand[index]
	return c.calls.Load(), c.failed.Load(), c.rejected.Load()
}

// Alert is how long a command takes that the slow log or the latency monitor
// wants to know of.
func (s *Stats) Alert() time.Duration { return min(s.Slowlog.Threshold(), s.Latency.Threshold()) }

// Removed turns what the store counts of removed keys, which it does from the
// start on, into what was removed since the last Reset.
func (s *Stats) Removed(expired, evicted int64) (sinceExpired, sinceEvicted int64) {
	return expired - s.expired.Load(), evicted - s.evicted.Load()
}

// Peak is the most memory that was seen in use, now included.
func (s *Stats) Peak(now int64) int64 {
	for {
		peak := s.MemoryPeak.Load()
		if peak >= now {
			return peak
		}
		if s.MemoryPeak.CompareAndSwap(peak, now) {
			return now
		}
	}
}

// Reset clears the counters, as CONFIG RESETSTAT does; gauges stay, and so do
// the slow log and the latency monitor. expired and evicted are what the store
// counts: see Removed.
func (s *Stats) Reset(expired, evicted int64) {
	s.expired.Store(expired)
	s.evicted.Store(evicted)
	s.errors.mu.Lock()
	s.errors.counts = nil
	s.errors.mu.Unlock()
	for _, c := range []*atomic.Int64{
		&s.Commands, &s.KeyspaceHits, &s.KeyspaceMisses, &s.ConnectionsReceived,
		&s.ConnectionsRejected, &s.OutputLimitCloses, &s.EvictedClients, &s.IdleCloses, &s.AuthTimeouts, &s.ProtocolErrors,
		&s.AuthFailures, &s.AcceptErrors, &s.NetInput, &s.NetOutput, &s.ErrorReplies,
		&s.SnapshotsSaved, &s.SnapshotsFailed,
	} {
		c.Store(0)
	}
	for i := range s.perCommand {
		c := &s.perCommand[i]
		c.calls.Store(0)
		c.failed.Store(0)
		c.rejected.Store(0)
		c.time.Store(0)
		c.times.Store(nil)
	}
}
