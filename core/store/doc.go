// Package store is the sharded key space: keys and values off the Go heap,
// found through an index that holds no pointers.
//
// # Shape
//
// A key's 64-bit seeded hash picks a shard with its highest bits and a place in
// the shard's index with the 24 bits after them, the fragment (package index). The
// index is in the order of fragments, which makes the rest simple. A SCAN
// cursor is a place in the order, which growing does not change, so a scan is
// complete and repeats nothing. Eviction and the expiry sweep walk the same
// order and remember where they were in one number.
//
// An entry is one block of the arena: header, key, value (entry.go). A value
// of the same size class is overwritten in place; any other is a new block. How a key
// comes to hold another entry is in replace.go, once for all that write.
//
// When entries and fields expire, and when the sweep looks for them, is the business of
// core/store/expiry.
//
// A hash is an entry as well, whose value is the business of core/store/hash: a small
// one is one block, a large one a table of its own. hashhome.go is how a shard is the
// home of its hashes. What anybody here asks of a value by its type is in valuetypes.go,
// so that another type is another case there and another room.
//
// A large hash is read as it was at one moment without its shard being locked
// for long: see Freeze. Copies are what any step under a lock takes along for
// use after it.
//
// # Concurrency
//
// Every shard has a lock, taken by Store.Lock for one key, by Store.LockKeys
// for several and by Store.LockAll for all, always in ascending order of
// shards; the arena's locks come after it. Whole is what can be done to the
// whole store, with all locks held or none. What a shard's methods return points into
// memory that the lock guards: use it before Unlock. The index of a shard is published through an
// atomic pointer, so that Store.Warm can look at it without the lock; it reads
// possibly stale words of memory that is always mapped, and uses them for
// nothing but pulling them into the cache.
//
// # Eviction
//
// What is kept of a policy, its queues included, is in core/store/policy. What a shard
// has for it is its recency, which says for which policy its entries are kept: shards go
// over to another one one by one (evictpolicy.go).
//
// Under a Sampler entries are drawn from all shards, each as likely as any other, and the
// one that ranks highest goes (evictsample.go). Where a shard has many, several
// neighbours are drawn and several go for one visit, ranking as high: most of the cost is
// misses of the processor's caches, which then overlap.
//
// Under a Queuer groups of shards have a queue each (evictqueue.go): the 24 bits that an
// entry has for the policy are the number of its node and its uses since it was last
// judged. A group's lock is taken after that of a shard; whoever evicts asks the group
// for an entry first, without a shard's lock, and finds out afterwards whether
// it is still there. So a read takes no lock but its shard's, and a small store
// has one order for all its entries, however many shards.
//
// # Memory
//
// Keys, values and indexes are in one arena; the Go heap holds a fixed struct
// per shard. Room counts it and keeps it within the limit (memory.go, relief.go), with
// the help of the evictor and of the compactor. Store.Memory is exact: every block is counted when it is taken
// and when it is given back. Store.Held is the same by what it is held for.
//
// Only data counts against the limit: not values that are still arriving or that
// only replies point to, and nothing that clients hold elsewhere. What was told to
// SetOverhead is of the process itself and does not grow with what clients do.
package store
