//go:build (amd64 || arm64) && !race

package sys

// set needs no atomic instruction: a word of these processors is stored whole,
// and nobody waits for it.
func (c *Count) set(n int64) { c.n = n }
