// Package churn writes through a server more than its memory holds, in sizes
// that shift, and watches what it holds meanwhile: for the benchmark of
// memory.max and for the tests that hold the server to it.
//
// A Stream is for one goroutine at a time. A Watch is for one too, though it
// samples in goroutines of its own.
package churn
