// Package pebble keeps snapshots in a Pebble store: compressed, and with a
// checksum on every block, so that damage is found where it is.
//
// The store holds one snapshot at a time. Save writes the records as sorted
// tables beside the store, a bounded number of bytes in memory at once, and
// then swaps them in for everything the store held in one atomic, synced step.
// Nothing goes through Pebble's log, memtables or compactions, which would only
// write the same bytes again.
//
// Keys of the store:
//
//	m                     the meta record: what the snapshot must hold
//	r CHUNK KEY           a record; CHUNK numbers the tables, so that they
//	                      never overlap and need no merging
//
// Invariants: what the store holds is a whole snapshot or nothing; the meta
// record comes and goes together with the records it counts.
//
// Concurrency: see module.Backend. Pebble's lock file keeps a second process
// out.
package pebble
