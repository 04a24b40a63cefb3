package process

import (
	"errors"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/service"
)

// state is what the process is doing, for readiness probes and for sessions. It
// may be used from any goroutine.
type state struct {
	busy    atomic.Pointer[error]
	loading atomic.Bool // a snapshot is being loaded: commands are refused
	// port is the first TCP port by configuration that clients can connect to; 0 if there is
	// none or while the transports start.
	port atomic.Int64

	stops  *stops
	served atomic.Bool // the start is complete
	noLast atomic.Bool // there is no last snapshot to save
}

var _ service.Health = (*state)(nil)

func newState() *state {
	s := &state{stops: &stops{}}
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

// Ready implements service.Health.
func (s *state) Ready() error {
	if busy := s.busy.Load(); busy != nil {
		return *busy
	}
	return nil
}
