//go:build race

package commandtest

// oneIn is how many requests there are to one that is tried: with the race detector
// each takes ten times as long.
const oneIn = 5
