// Package watch remembers which clients watch which keys (WATCH), and shares
// the store's one listener with whoever else wants to hear of changes.
//
// Invariants:
//   - A shard is listened to once for every pair of watcher and key in it.
//   - A pair is in its shard's table as long as it is in its Watcher's list.
//
// Concurrency: a shard's table is guarded by that shard's lock: the store
// calls the Hub with it, and whoever adds or drops a key holds it. A Watcher
// belongs to one client's goroutine, except for being told of a change.
package watch
