// Package hash is the type of value that has fields: how they lie in memory, and how
// they are found, changed, scanned, expired and read as they were.
//
// # Shape
//
// A small hash is a pack: its fields one after another in the value of its key
// (pack.go). One that outgrows it is a tree of two levels with a pack in each leaf
// (tree.go, leaf.go, split.go). Values of 1 KiB and more have blocks of their own. Hash is how both are
// read and changed; log.go is how a change of several fields is undone when memory
// runs out halfway. Freeze reads a large hash as it was at one moment in steps, and
// Kept is what a view of the whole store has to do with one.
//
// # Where a hash lives
//
// Memory has the blocks of the hashes of one shard, and Home is the shard: it has the
// entry that a hash is the value of, hears of changes, and counts what expires. This
// package knows nothing of it, nor of keys, indexes, eviction and snapshots; a Home
// over a map is all that its tests need.
//
// # Concurrency
//
// What belongs to one Memory is guarded by the lock of its Home. The bytes that Get,
// Each and Scan show point into memory: they are good until the hash is changed or the
// lock let go, unless they were pinned.
package hash
