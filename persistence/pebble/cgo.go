//go:build cgo

package pebble

// Pebble takes its caches from C.
const offHeap = true
