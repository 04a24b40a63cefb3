//go:build !race

package commandtest

// oneIn is how many requests there are to one that is tried.
const oneIn = 1
