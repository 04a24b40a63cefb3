package main

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/module"
)

// state is what the process is doing, for readiness probes and for sessions. It
// may be used from any goroutine.
type state struct {
	busy    atomic.Pointer[error]
	loading atomic.Bool // a snapshot is being loaded: commands are refused
	// port is the first TCP port that clients can connect to; 0 if there is
	// none or while the transports start.
	port atomic.Int64

	stop     context.CancelFunc // asks the process to stop; set before the first client
	last     atomic.Int32       // the command.LastSnapshot that SHUTDOWN asked for
	canSave  bool               // there is somewhere to save a snapshot
	stopping atomic.Bool
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

// shutdown asks the process to stop as a signal does, and says whether it will:
// the first to ask is heard.
func (s *state) shutdown(last command.LastSnapshot) bool {
	if last == command.SaveAlways && !s.canSave || s.stopping.Swap(true) {
		return false
	}
	s.last.Store(int32(last))
	s.stop()
	return true
}

// wantsLast says whether a snapshot is saved at the end, given whether the
// configuration says so.
func (s *state) wantsLast(configured bool) bool {
	switch command.LastSnapshot(s.last.Load()) {
	case command.SaveNever:
		return false
	case command.SaveAlways:
		return true
	}
	return configured
}
