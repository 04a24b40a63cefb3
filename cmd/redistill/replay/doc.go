// Package replay asks what an eviction policy is worth for a load: it replays
// traces of requests through a store of this server and counts the misses.
//
// A request is a GET; a miss is followed by a SET. All values have one size, so
// that the memory limit is one of a number of objects. That number can't be
// configured, since what is limited is memory: the limit is found by replaying,
// correcting it by what the store held, and replaying again.
//
// The miss ratios of a published simulator for the same traces can stand beside
// ours; see Reference.
//
// Concurrency: none; one goroutine replays.
package replay
