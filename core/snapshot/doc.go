// Package snapshot is the contract of persistence: what a snapshot is made of, what
// the store offers to whoever saves one, and what a backend must do.
//
// The store is a Source. A backend takes a View from it, walks the view's records
// and writes them; later it reads them into a Sink.
//
// Invariants: a view is of one moment, whatever clients write meanwhile; a backend
// has the newest complete snapshot or says that it has none, and never takes damage
// for either; what fails leaves the snapshot before it whole; bytes that are handed
// over, by a view or to a sink, are valid during the call only.
//
// Concurrency: a Backend's methods are called one after another. A view is walked by
// as many goroutines as Walk is asked for; a Sink takes records from several.
//
// Package snapshottest is the suite that every backend passes.
package snapshot
