// Package process composes the server from the core and the modules of the build, and
// is its command line: it serves, and it tells what a server is built from, whether a
// configuration is sound, how it is wired. A main package imports the modules that it
// wants, which register themselves, and calls Main.
//
// Invariants: no module is named here. The configuration is read and judged before
// anything is built; building opens nothing; starting does, step by step, and
// stopping undoes the steps in reverse. Only this package knows fx, and modules that
// bring an fx option of their own.
//
// Concurrency: the graph is built, started and stopped by one goroutine. What is
// shared with sessions is state and stops, which any goroutine may use.
package process
