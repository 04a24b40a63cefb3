// Package queue is what eviction policies keep their order of entries in: lists
// over nodes off the Go heap, and a table of those that were evicted lately.
//
// # Nodes
//
// An entry of the store has room for 24 bits, too few for two links. So the
// order is kept beside the entries: a node has the links and the hash of its
// entry's key, and the entry has the node's number. Nodes is the pool that they
// come from. A list is a ring through a node of its own, its sentinel, which
// makes every operation the same everywhere in the list, and lets a node be
// moved to another number by its neighbours alone.
//
// # Ghosts
//
// Ghosts remembers the hashes that were added to it lately, by fingerprint:
// what it takes to tell a key that comes back soon after its eviction from a
// new one.
//
// Invariants: the nodes taken and not given back are each in one list at most;
// a list's length is the number of its nodes. Memory grows by pages as it is
// touched and is returned by Shrink.
//
// Concurrency: none of its own. Whoever shares a pool brings the lock.
package queue
