// Package service is the contract of parts that have a life beside the server and
// serve no clients of the cache: an admin endpoint, an exporter.
//
// Invariants: making a service opens nothing, Start does, Stop gives back what Start
// took. A service reads what its Host shows and changes nothing of it.
//
// Concurrency: Start and Stop are called by one goroutine; a Host's parts may be used
// from any.
//
// Package servicetest is the suite that every service passes.
package service

import "context"

// Service is any other part with a life: an admin endpoint, an exporter.
//
// The process calls Start once and Stop once, from one goroutine, in that order;
// Stop is also called when Start of a later part failed. Services start before any
// client is served and stop after the last one, so that they can tell of both.
type Service interface {
	// ID is the module's ID.
	ID() string
	// Enabled says whether the configuration asks for this service. Start of one
	// that is not enabled is not called.
	Enabled() bool
	// Start opens what the service needs before it returns, and serves from
	// goroutines of its own. ctx is for the start alone.
	Start(ctx context.Context) error
	// Stop ends the service's goroutines and gives back what Start took, also after
	// a Start that failed or was never called. What is under way may go on until
	// ctx ends.
	Stop(ctx context.Context) error
}
