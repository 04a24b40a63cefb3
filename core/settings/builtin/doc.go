// Package builtin has the CONFIG parameters of the server itself: what it can change
// while it runs, and the values of what tools ask for and it can't change.
//
// Invariants: values, ranges and texts of errors are those of Redis.
//
// Concurrency: the parameters are made once at the start, and then used by one
// settings.Registry, which lets one call run at a time.
package builtin
