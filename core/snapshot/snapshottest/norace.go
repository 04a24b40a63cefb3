//go:build !race

package snapshottest

// Stride says that of all the places where something can be damaged, cut or fail
// one in so many is tried: each, but for tests with the race detector.
const Stride = 1
