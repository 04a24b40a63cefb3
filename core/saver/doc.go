// Package saver saves the data set to a persistence backend and loads it from
// there: when clients ask for it, at intervals, at the start and at the end.
//
// Invariants: no two calls of a backend overlap. A save has the data of the moment
// at which it was asked for. After SaveLast has succeeded no other save begins but
// SaveRest. A record takes the place of what its key held as a whole or not at all.
//
// Concurrency: Begin and Figures may be called from any goroutine, at any time. Load,
// SaveLast, SaveRest and End belong to the start and the stop of the process, which
// call one at a time. No lock is held while a shard is locked or waited for, so that
// INFO may ask for figures with all shards locked.
package saver
