package servicetest

import (
	"sync"

	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/stats"
)

// Process plays the process that a service is part of: one with the commands GET and
// SET, whose figures and readiness are what a test sets. It may be used from any
// goroutine.
type Process struct {
	Stats *stats.Stats

	mu      sync.Mutex
	figures service.Figures
	ready   error
}

// NewProcess makes one that is ready and holds nothing.
func NewProcess() *Process { return &Process{Stats: stats.New(2)} }

// Set sets the figures, and why the process is not ready; nil: it is.
func (p *Process) Set(figures service.Figures, ready error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.figures, p.ready = figures, ready
}

// Ready implements service.Health.
func (p *Process) Ready() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

// Figures implements service.Observer.
func (p *Process) Figures() service.Figures {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.figures
}

// Host is what a service sees of it.
func (p *Process) Host() service.Host {
	return service.Host{Stats: p.Stats, Commands: service.CommandNames{"get", "set"}, Health: p, Observer: p}
}
