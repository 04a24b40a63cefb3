// Package part says what a part of the process may offer beside the contract of its
// kind. A part is what a module makes: an eviction policy, a persistence backend, a
// transport, a service.
//
// The process looks for these interfaces on every part that it has built and that the
// configuration does not switch off, before it starts the first:
//
//	settings.Owner      parameters of CONFIG GET and CONFIG SET
//	command.Informer    sections of INFO, or lines of those that are there
//	endpoint.Handlers   pages of the admin endpoint
//	endpoint.Metered    metrics of the admin endpoint
//	part.Worker         work in the background
//	part.Surveyor       a look at the other parts
//	module.Holder       how many file descriptors it needs
//
// A method with another signature is none of them, without an error. Let the compiler
// find that:
//
//	var _ part.Worker = (*Policy)(nil)
//
// Invariants: this package imports nothing, so that whatever a part offers costs those
// nothing that don't.
//
// Concurrency: a part is surveyed, and surveys, in the goroutine that starts the
// process. Work runs in a goroutine of its own.
package part

import "context"

// Worker is a part that works in the background.
type Worker interface {
	// Work works until ctx ends, and then returns; what waits for it has no limit of
	// time. It begins when services have started and before the first client is
	// served, and ends after the last one, before the last snapshot.
	Work(ctx context.Context)
}

// Part is a part as others see it.
type Part struct {
	ID    string // that of its module
	Value any    // what the module made
}

// Surveyor is a part that looks at the others, for what they have for it: the
// admin endpoint looks for pages and metrics.
type Surveyor interface {
	// Survey is called once, before any part is started, with all parts in the order
	// of their IDs. An error ends the start: it should name the part that it is
	// about and say what to do.
	Survey(parts []Part) error
}
