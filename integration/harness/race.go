//go:build race

package harness

// Race says whether the race detector is on; the redistill binary that tests
// start is then built with it too.
const Race = true
