//go:build !cgo

package pebble

// Pebble takes its caches from the Go heap.
const offHeap = false
