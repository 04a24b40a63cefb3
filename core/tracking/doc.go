// Package tracking remembers what clients keep in caches of their own, and
// tells them when it changes: Redis's CLIENT TRACKING.
//
// A client is in one of two modes. In the default mode the tracker remembers
// which keys it read and tells it once when one of them changes. In broadcast
// mode it remembers nothing but prefixes, and tells the client of every change
// to a key that begins with one.
//
// Invariants:
//   - A key is in its shard's table from before a client that tracks it can
//     see its value until the client has been told that it changed. Whoever
//     reads a key calls Remember with the shard locked, before or while it does.
//   - A client in broadcast mode is told of what another has changed before that
//     one has the replies, of all that it sent at once in one message for each
//     prefix: Flush. It is told of what expires or is evicted soon after.
//   - What is remembered is in memory that is given back at once: see table. The
//     table is bounded: a key too many drives out another one, and whoever
//     holds that is told so, as if it had changed.
//   - While no client tracks, the store's shards aren't listened to.
//
// Concurrency: a shard's table is guarded by that shard's lock, which is held
// when the store calls the Tracker. The clients are guarded by a lock that
// comes after those of the shards, and what is pending by one after that. No lock
// is held for longer than it takes to go through some thousand prefixes or keys,
// or to queue one message for each client. Telling a client only queues bytes
// and never waits for it.
package tracking
