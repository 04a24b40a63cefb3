// Package stats holds the process-wide counters that INFO and /metrics both
// read.
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
	IdleCloses           atomic.Int64 // clients closed at idle_timeout
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

	perCommand []command
}

type command struct {
	calls, failed, rejected atomic.Int64
}

// New makes the counters for a table of so many commands.
func New(commands int) *Stats {
	return &Stats{Started: time.Now(), perCommand: make([]command, commands)}
}

// Command returns how often the command with this index in the command table
// was called, how many of those calls replied with an error, and how often it
// was refused before it ran (wrong arity, no authentication, out of memory).
func (s *Stats) Command(index int) (calls, failed, rejected int64) {
	c := &s.perCommand[index]
	return c.calls.Load(), c.failed.Load(), c.rejected.Load()
}

// Reset clears the counters, as CONFIG RESETSTAT does; gauges stay.
func (s *Stats) Reset() {
	for _, c := range []*atomic.Int64{
		&s.Commands, &s.KeyspaceHits, &s.KeyspaceMisses, &s.ConnectionsReceived,
		&s.ConnectionsRejected, &s.OutputLimitCloses, &s.IdleCloses, &s.ProtocolErrors,
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
	}
}
