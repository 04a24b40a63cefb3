package service

import (
	"time"

	"github.com/redistill-go/redistill/core/stats"
)

// Health is what the core tells of its own state.
type Health interface {
	// Ready is nil while clients are served. Otherwise the error's text is the
	// reason, as in "loading the snapshot" or "draining". It may be called
	// from any goroutine and does not block.
	Ready() error
}

// Figures are the numbers of the store and the server that are not counted in
// package stats.
type Figures struct {
	Keys         int64 // keys, those that expired and are still held included
	ExpiringKeys int64 // keys with an expiry
	ExpiredKeys  int64 // removed because they expired, since the start
	EvictedKeys  int64 // removed because memory was full, since the start
	MemoryUsed   int64 // bytes that count against memory.max
	MemoryLimit  int64 // bytes, memory.max; 0: none
	ClientLimit  int64 // bytes, server.client_memory; 0: none
	MaxClients   int64 // server.max_clients

	// Held is what the process holds, by what for.
	Held stats.Held

	MemoryWaits     Durations // of commands that made room in memory before they ran
	CompactionHolds Durations // of a shard's lock, by compaction

	// Of compaction since the start.
	CompactionMoved   int64 // bytes of entries and indexes that were moved
	CompactionEvicted int64 // keys that were evicted instead
	CompactionFreed   int64 // bytes of huge pages that were emptied
}

// Durations are how often something took how long.
type Durations struct {
	Bounds []time.Duration // upper bounds of the buckets, ascending
	Counts []int64         // one more than Bounds: the last is what is longer
	Sum    time.Duration
}

// Observer offers the figures.
type Observer interface {
	// Figures may be called from any goroutine. It is quick enough to be
	// called once a second.
	Figures() Figures
}

// CommandNames are the names of the command table by index, as stats.Stats
// counts them.
type CommandNames []string
