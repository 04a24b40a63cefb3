package admin

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/stats"
)

// Doc describes one metric.
type Doc struct {
	Name  string // as in "redistill_keys"
	Type  string // "counter", "gauge" or "histogram"
	Label string // the label it has, empty for none
	Help  string // one line
}

// Metrics lists every metric of the server in the order of the page. The page
// also has those of the process and the Go runtime, named process_* and go_*.
func Metrics() []Doc {
	var docs []Doc
	for _, f := range slices.Concat(families, heldFamilies()) {
		docs = append(docs, f.Doc)
	}
	for _, f := range durationFamilies {
		docs = append(docs, f.Doc)
	}
	for _, f := range commandFamilies {
		docs = append(docs, f.Doc)
	}
	return docs
}

// reading is what one page is made from.
type reading struct {
	service.Figures
	stats    *stats.Stats
	notReady error
}

// family is a metric and where its value comes from.
type family struct {
	Doc
	value func(*reading) float64
}

// commandFamily has one value for each command.
type commandFamily struct {
	Doc
	value func(s *stats.Stats, index int) float64
}

var families = []family{
	gaugeOf("redistill_ready", "1 while clients are served, 0 while loading or draining.",
		func(r *reading) int64 { return truth(r.notReady == nil) }),

	gaugeOf("redistill_keys", "Keys in the store, expired ones that it still holds included.",
		func(r *reading) int64 { return r.Keys }),
	gaugeOf("redistill_keys_expiring", "Keys that have an expiry.",
		func(r *reading) int64 { return r.ExpiringKeys }),
	counterOf("redistill_expired_keys_total", "Keys removed because they expired.",
		func(r *reading) int64 { return r.ExpiredKeys }),
	counterOf("redistill_evicted_keys_total", "Keys removed because memory was full.",
		func(r *reading) int64 { return r.EvictedKeys }),
	gaugeOf("redistill_memory_used_bytes", "Memory that counts against memory.max.",
		func(r *reading) int64 { return r.MemoryUsed }),
	gaugeOf("redistill_memory_peak_bytes", "Most memory that was seen to count against memory.max.",
		func(r *reading) int64 { return r.stats.MemoryPeak.Load() }),
	gaugeOf("redistill_memory_limit_bytes", "Memory for data (memory.max), 0 for no limit.",
		func(r *reading) int64 { return r.MemoryLimit }),
	gaugeOf("redistill_memory_clients_limit_bytes", "Memory for clients (server.client_memory), 0 for no limit.",
		func(r *reading) int64 { return r.ClientLimit }),
	counterOf("redistill_compaction_moved_bytes_total", "Bytes of entries and indexes that compaction moved.",
		func(r *reading) int64 { return r.CompactionMoved }),
	counterOf("redistill_compaction_evicted_keys_total", "Keys that compaction evicted and did not move, because memory was full.",
		func(r *reading) int64 { return r.CompactionEvicted }),
	counterOf("redistill_compaction_freed_bytes_total", "Bytes of huge pages that compaction emptied.",
		func(r *reading) int64 { return r.CompactionFreed }),
	counted("redistill_keyspace_hits_total", "Lookups by read commands that found their key.",
		func(s *stats.Stats) *atomic.Int64 { return &s.KeyspaceHits }),
	counted("redistill_keyspace_misses_total", "Lookups by read commands that did not find their key.",
		func(s *stats.Stats) *atomic.Int64 { return &s.KeyspaceMisses }),

	gaugeOf("redistill_clients_connected", "Connections that are open.",
		func(r *reading) int64 { return r.stats.ConnectionsCurrent.Load() }),
	gaugeOf("redistill_clients_limit", "Connections that may be open (server.max_clients).",
		func(r *reading) int64 { return r.MaxClients }),
	counted("redistill_connections_received_total", "Connections accepted, refused ones included.",
		func(s *stats.Stats) *atomic.Int64 { return &s.ConnectionsReceived }),
	counted("redistill_connections_rejected_total", "Connections refused because of server.max_clients.",
		func(s *stats.Stats) *atomic.Int64 { return &s.ConnectionsRejected }),
	counted("redistill_accept_errors_total", "Failures to accept a connection.",
		func(s *stats.Stats) *atomic.Int64 { return &s.AcceptErrors }),
	counted("redistill_output_limit_closes_total", "Connections closed at server.output_buffer_limit.",
		func(s *stats.Stats) *atomic.Int64 { return &s.OutputLimitCloses }),
	counted("redistill_evicted_clients_total", "Connections closed because all held more than server.client_memory.",
		func(s *stats.Stats) *atomic.Int64 { return &s.EvictedClients }),
	counted("redistill_idle_closes_total", "Connections closed at server.idle_timeout.",
		func(s *stats.Stats) *atomic.Int64 { return &s.IdleCloses }),
	counted("redistill_auth_timeout_closes_total", "Connections closed at server.auth_timeout.",
		func(s *stats.Stats) *atomic.Int64 { return &s.AuthTimeouts }),
	counted("redistill_protocol_errors_total", "Connections closed because the client broke the protocol.",
		func(s *stats.Stats) *atomic.Int64 { return &s.ProtocolErrors }),
	counted("redistill_auth_failures_total", "Authentications with a wrong password or user.",
		func(s *stats.Stats) *atomic.Int64 { return &s.AuthFailures }),
	counted("redistill_net_input_bytes_total", "Bytes read from clients.",
		func(s *stats.Stats) *atomic.Int64 { return &s.NetInput }),
	counted("redistill_net_output_bytes_total", "Bytes written to clients.",
		func(s *stats.Stats) *atomic.Int64 { return &s.NetOutput }),

	counted("redistill_commands_total", "Commands executed, refused ones included.",
		func(s *stats.Stats) *atomic.Int64 { return &s.Commands }),
	counted("redistill_error_replies_total", "Replies that were an error.",
		func(s *stats.Stats) *atomic.Int64 { return &s.ErrorReplies }),

	counted("redistill_snapshots_saved_total", "Snapshots written.",
		func(s *stats.Stats) *atomic.Int64 { return &s.SnapshotsSaved }),
	counted("redistill_snapshots_failed_total", "Snapshots that could not be written.",
		func(s *stats.Stats) *atomic.Int64 { return &s.SnapshotsFailed }),
	{Doc{"redistill_snapshot_last_timestamp_seconds", gauge, "", "When the last snapshot was complete, in seconds since the Unix epoch, 0 for never."},
		func(r *reading) float64 { return float64(r.stats.SnapshotLastUnixMs.Load()) / 1000 }},
	gaugeOf("redistill_snapshot_last_keys", "Keys in the last snapshot.",
		func(r *reading) int64 { return r.stats.SnapshotLastKeys.Load() }),
	{Doc{"redistill_snapshot_last_duration_seconds", gauge, "", "How long the last snapshot took."},
		func(r *reading) float64 { return time.Duration(r.stats.SnapshotLastDuration.Load()).Seconds() }},
	gaugeOf("redistill_snapshot_last_failed", "1 if the last snapshot could not be written, else 0.",
		func(r *reading) int64 { return r.stats.SnapshotLastFailed.Load() }),
	gaugeOf("redistill_snapshot_last_changes", "Writes to the store, since the start, before the last snapshot began.",
		func(r *reading) int64 { return r.stats.SnapshotLastChanges.Load() }),
	{Doc{"redistill_snapshot_began_timestamp_seconds", gauge, "", "When the snapshot that is being written began, in seconds since the Unix epoch, 0 if none is."},
		func(r *reading) float64 { return float64(r.stats.SnapshotBeganUnixMs.Load()) / 1000 }},
	gaugeOf("redistill_snapshot_last_copied_bytes", "Bytes copied during the last snapshot because clients changed them.",
		func(r *reading) int64 { return r.stats.SnapshotLastCopied.Load() }),
	{Doc{"redistill_snapshot_load_began_timestamp_seconds", gauge, "", "When the load of the snapshot began, in seconds since the Unix epoch, 0 if none was."},
		func(r *reading) float64 { return float64(r.stats.SnapshotLoadBeganUnixMs.Load()) / 1000 }},
	gaugeOf("redistill_snapshot_load_done_bytes", "Bytes of the snapshot that were loaded so far.",
		func(r *reading) int64 { return r.stats.SnapshotLoadDone.Load() }),
	gaugeOf("redistill_snapshot_load_total_bytes", "Bytes of the snapshot that is loaded at the start, 0 if its backend does not tell.",
		func(r *reading) int64 { return r.stats.SnapshotLoadTotal.Load() }),
	gaugeOf("redistill_snapshot_keys_expired", "Keys of the snapshot loaded at the start that had expired.",
		func(r *reading) int64 { return r.stats.SnapshotKeysExpired.Load() }),
	gaugeOf("redistill_snapshot_keys_loaded", "Keys of the snapshot that was loaded at the start.",
		func(r *reading) int64 { return r.stats.SnapshotKeysLoaded.Load() }),
	{Doc{"redistill_slow_commands_kept", gauge, "", "Entries of the slow log."},
		func(r *reading) float64 { return float64(r.stats.Slowlog.Len()) }},
}

// durationFamily is a histogram.
type durationFamily struct {
	Doc
	value func(*reading) service.Durations
}

var durationFamilies = []durationFamily{
	{Doc{"redistill_memory_wait_seconds", histogram, "le", "Time that single commands took to make room in memory before they ran; those that found room are not counted."},
		func(r *reading) service.Durations { return r.MemoryWaits }},
	{Doc{"redistill_compaction_hold_seconds", histogram, "le", "Time that compaction kept a part of the keys locked."},
		func(r *reading) service.Durations { return r.CompactionHolds }},
}

var commandFamilies = []commandFamily{
	{Doc{"redistill_command_calls_total", counter, "command", "Calls of the command, failed ones included."},
		func(s *stats.Stats, i int) float64 { calls, _, _ := s.Command(i); return float64(calls) }},
	{Doc{"redistill_command_failed_total", counter, "command", "Calls of the command that replied with an error."},
		func(s *stats.Stats, i int) float64 { _, failed, _ := s.Command(i); return float64(failed) }},
	{Doc{"redistill_command_rejected_total", counter, "command", "Times the command was refused before it ran: wrong arity, no authentication, out of memory."},
		func(s *stats.Stats, i int) float64 { _, _, rejected := s.Command(i); return float64(rejected) }},
	{Doc{"redistill_command_duration_seconds_total", counter, "command", "Time that calls of the command took, estimated from a sample where they are many and quick."},
		func(s *stats.Stats, i int) float64 { return s.Spent(i).Seconds() }},
}

func gaugeOf(name, help string, value func(*reading) int64) family {
	return family{Doc{name, gauge, "", help}, func(r *reading) float64 { return float64(value(r)) }}
}

func counterOf(name, help string, value func(*reading) int64) family {
	return family{Doc{name, counter, "", help}, func(r *reading) float64 { return float64(value(r)) }}
}

// counted is a counter of package stats.
func counted(name, help string, field func(*stats.Stats) *atomic.Int64) family {
	return counterOf(name, help, func(r *reading) int64 { return field(r.stats).Load() })
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
