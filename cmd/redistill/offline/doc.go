// Package offline looks into snapshots and converts them while no server holds
// them. It knows a snapshot by its backend only, so that it works on those of
// every backend alike.
//
// Invariants: what is read is never changed; memory is bounded by the largest
// record, whatever the size of the snapshot; a conversion that fails leaves
// its target as the target's backend does: without the new snapshot.
//
// Concurrency: a backend puts records from several goroutines at once, which
// is what Report and pipe are made for. Everything else belongs to one
// goroutine.
package offline
