package process

import (
	"errors"
	"net"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/service"
)

// state is what the process is doing, for readiness probes and for sessions. It
// may be used from any goroutine.
type state struct {
	busy    atomic.Pointer[error]
	loading atomic.Bool // a snapshot is being loaded: commands are refused
	// listeners are where clients can connect to, in the order of the configuration; nil
	// while the transports start.
	listeners atomic.Pointer[[]command.Listener]

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

// listening is where clients can connect to.
func (s *state) listening() []command.Listener {
	if all := s.listeners.Load(); all != nil {
		return *all
	}
	return nil
}

// port is the first TCP port that clients can connect to, 0 if there is none.
func (s *state) port() int {
	for _, l := range s.listening() {
		if at, ok := l.Addr.(*net.TCPAddr); ok {
			return at.Port
		}
	}
	return 0
}

// Ready implements service.Health.
func (s *state) Ready() error {
	if busy := s.busy.Load(); busy != nil {
		return *busy
	}
	return nil
}
