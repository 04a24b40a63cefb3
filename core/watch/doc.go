// Package watch remembers which clients watch which keys (WATCH), and shares
// the store's one listener with whoever else wants to hear of changes.
//
// A key stands in its shard's table by its hash alone, which has 64 bits and a
// seed that nobody knows: should two keys have one hash some day, a transaction
// is tried again that need not have been. So a watched key takes a few dozen bytes
// and its name, all of them in memory that is given back at once: a client may
// watch hundreds of thousands, and hold nobody up who is in the way of it.
//
// Invariants:
//   - A shard is listened to once for every pair of watcher and key in it.
//   - A pair is in its shard's table as long as it is in its Watcher's list.
//   - A watcher has a number while it watches anything, under which it is known
//     before a table names it.
//
// Concurrency: a shard's table is guarded by that shard's lock: the store
// calls the Hub with it, and whoever adds or drops a key holds it, for some
// thousand keys at most. A Watcher belongs to one client's goroutine, except for
// being told of a change.
package watch
