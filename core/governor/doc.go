// Package governor keeps the process within its memory: data within memory.max, what
// clients make it hold within server.client_memory, and the Go heap near what is
// alive in it.
//
// Invariants: what clients can add to counts for no key to be evicted: it has bounds
// of its own. What is seen from two sides, as the clients' buffers are by the
// server and by the runtime, is counted once.
//
// Concurrency: KeepData and Collect run once each, in goroutines of their own, until
// their context ends. ClientLimits and what Outside returns may be used from any
// goroutine.
package governor
