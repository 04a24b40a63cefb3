package main

import (
	"errors"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/module"
)

// state is what the process is doing, for readiness probes and for sessions. It
// may be used from any goroutine.
type state struct {
	busy    atomic.Pointer[error]
	loading atomic.Bool // a snapshot is being loaded: commands are refused
}

var _ module.Health = (*state)(nil)

func newState() *state {
	s := &state{}
	s.set("starting")
	return s
}

// set says why the process isn't ready; empty: it is.
func (s *state) set(reason string) {
	if reason == "" {
		s.busy.Store(nil)
		return
	}
	err := errors.New(reason)
	s.busy.Store(&err)
}

// Ready implements module.Health.
func (s *state) Ready() error {
	if busy := s.busy.Load(); busy != nil {
		return *busy
	}
	return nil
}
