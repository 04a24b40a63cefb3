// Package settings holds the parameters of CONFIG GET and CONFIG SET: the
// configuration under Redis's names, as clients and tools ask for it. Which ones the
// server itself has is in package builtin; modules add their own.
//
// Invariants: a name has one owner. CONFIG SET applies all that it is given or
// nothing. Every parameter has a line of documentation.
//
// Concurrency: a Registry may be used from any goroutine. One CONFIG SET runs at a time,
// and no Get of a parameter beside it.
package settings
