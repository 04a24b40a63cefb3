// Package server runs sessions on connections: it accepts them from
// transports, holds them to the limits, keeps the register of clients and
// drains them at the end.
//
// One goroutine serves one connection. While the connection is idle it holds
// no buffer: it waits in the runtime's poller for the socket to become
// readable and takes a workspace from the pool only then. When it has been idle
// for a second it gives up the goroutine too: it is parked in a poller of the
// server's (park.go). Replies of a batch are sent with one write, which blocks
// while the client does not read; a client that doesn't read its replies is
// thereby not read from.
//
// What clients hold is counted (account.go) and has a limit, over which those that
// hold most are closed (evict.go); near it they grow one by one (gate.go).
//
// Concurrency: all exported methods may be called from any goroutine.
package server
