// Package eviction is the contract of eviction policies: what decides which
// entries go when memory is full.
//
// A policy is one of two things. A Sampler ranks entries: the store draws some at
// random and the highest rank goes. A Queuer orders entries: the store asks its
// queues which one is next. Both see entries through this package alone and know
// nothing of the store.
//
// Invariants: a policy keeps no reference to an entry or its key; of what it knows
// of an entry, all is in the entry's Recency, or in a queue by the number of the
// entry's node; it holds no key for ever, so that a store that is full can always
// make room, unless there is nothing that it may evict.
//
// Concurrency: a Policy's methods are called from any goroutine, several at once,
// some of them with a shard of the store locked. They must be quick, must not block
// and must allocate nothing. A Queue is called by one goroutine at a time.
//
// Package evictiontest is the suite that every policy passes.
package eviction
