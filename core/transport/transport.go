// Package transport is the contract of transports: what opens the sockets that
// clients connect to, and what they hand connections to.
//
// Invariants: making a transport opens nothing, Start binds, Stop gives back what
// Start took. Connections belong to the server from accept to close: a transport
// may wrap them, and everything that clients send and get goes through the wrapper.
//
// Concurrency: Start and Stop are called by one goroutine, the other methods by any.
//
// Package transporttest is the suite that every transport passes.
package transport

import (
	"context"
	"net"
)

// Server is what the core's server offers to transports.
type Server interface {
	// Serve accepts connections from l and runs a session on each until l is
	// closed, and then returns nil. It owns l's connections from accept to
	// close. kind is the transport's ID, for logs and statistics. Several
	// goroutines may serve, each its own listener.
	Serve(l net.Listener, kind string) error
}

// Listener is a transport: it opens the sockets that clients connect to and
// hands them to the server.
//
// The process calls Start once and Stop once, from one goroutine, in that
// order; Stop is also called when Start of a later part failed.
type Listener interface {
	// ID is that of the place that the transport was made for: the module's, and of
	// the second of several instances that with a number.
	ID() string
	// Enabled says whether the configuration asks for this transport. Start
	// of a transport that is not enabled is not called.
	Enabled() bool
	// Start binds before it returns, so that a taken port is an error here,
	// and then serves from a goroutine of its own. The error says what could
	// not be bound and why.
	Start(ctx context.Context, srv Server) error
	// Addr is the bound address, with the real port where the configured one
	// was 0. Nil before Start.
	Addr() net.Addr
	// Stop closes the listening socket and returns when its serving goroutine
	// has ended. Connections already accepted belong to the server and live on.
	Stop(ctx context.Context) error
}
