package service

import "github.com/redistill-go/redistill/core/stats"

// Host is what a service may ask of the process that it is part of. All of it may be
// used from any goroutine, from the start of the service to its stop.
type Host struct {
	Stats    *stats.Stats
	Commands CommandNames // by the index that Stats counts under
	Health   Health
	Observer Observer
}
