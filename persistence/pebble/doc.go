// Package pebble keeps snapshots in a Pebble store: compressed, with a checksum
// on every block, so that damage is found where it is, and in increments.
//
// Each Save makes a generation: the rows that changed since the one before, with
// tombstones for the keys that went, or all rows. It writes them as sorted
// tables beside the store and then adds these to it in one atomic, synced step,
// in which a generation that has everything also takes out all others. Nothing
// goes through Pebble's log, memtables or compactions, which would only write
// the same bytes again: see toMerge for how generations become few again.
//
// Keys of the store:
//
//	m                        the layout of everything else
//	r GENERATION CHUNK SLOT KEY
//	                         a row: a record or a tombstone
//	r GENERATION ffffffff    the generation's header: what it must hold
//
// A worker gathers rows in memory up to a bounded number of bytes and sorts
// them: that is a chunk. Chunks have numbers and so never overlap, and a full
// snapshot needs no sorting beyond them. SLOT is 16 bits of the key's hash: a
// load reads one range of slots after another, from the newest chunk to the
// oldest, and remembers the keys of that range to know what has been replaced.
//
// Pebble recovers from a crash by taking as much as it can read, which is an
// older snapshot, or an empty store, where something was damaged; and it then
// removes what that does not need. So the store is first looked into through a
// file system on which nothing can be changed, and what it holds is compared with
// a record of what it held after the last commit: see state. It is opened for
// writing when all of it has been read. Only a store that a crash can have left is
// taken: one that is what the record says, or one commit ahead of it, and in which
// every table is part of the snapshot or left over from a commit that the record
// knows or that was not completed. Any other is refused and stays as it is.
//
// Invariants: what the store holds is a whole snapshot or nothing; the record is
// at most one commit behind, and not behind when Save returns; no key is
// twice in a chunk; a row hides those with its key in older chunks, and chunks
// are older if their generation or, within that, their number is lower; the
// first generation, if it is full, has each key once; what is on disk is for its
// owner only.
//
// Concurrency: see snapshot.Backend. Merges run in the background, at most one at
// a time, and commit under the same lock as Save. Pebble's lock file, locked
// from the first look on, keeps a second process out.
package pebble
