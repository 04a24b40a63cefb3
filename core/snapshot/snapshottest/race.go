//go:build race

package snapshottest

// Stride: the race detector makes opening a store cost several times as much, and
// finds at one damage in five what it finds at all of them.
const Stride = 5
