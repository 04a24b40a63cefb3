package process

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// stops decides whether the process ends, when a signal or a client asks for it.
// One attempt is under way at a time; whoever asks meanwhile joins it. An attempt
// fails if the last snapshot can't be saved: then the server goes on as before,
// and what it holds is not lost.
//
// Concurrency: all methods may be called from any goroutine.
type stops struct {
	mu      sync.Mutex
	under   *attempt // nil: none
	prepare func(*attempt) error
	end     context.CancelFunc // lets the process end
}

// attempt is a stop that is under way.
type attempt struct {
	command.Stop
	begun time.Time
	// ctx is that of the last snapshot, over says that it is too late to cancel it.
	ctx    context.Context
	cancel context.CancelCauseFunc
	over   bool

	done chan struct{}
	err  error // why the process goes on; to be read once done is closed
}

var _ command.Stopper = (*stops)(nil)

// Reasons why the last snapshot is given up.
var (
	errAborted = errors.New("the stop was aborted")
	errDropped = errors.New("it is not wanted any more")
	errNowhere = errors.New("there is nowhere to save a snapshot: persistence.backend is none")
)

// Stop implements command.Stopper.
func (s *stops) Stop(how command.Stop) error {
	a, first := s.enter(how)
	if first {
		s.run(a)
	}
	<-a.done
	return a.err
}

// Abort implements command.Stopper.
func (s *stops) Abort() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under == nil || s.under.over {
		return false
	}
	s.under.cancel(errAborted)
	return true
}

// enter begins an attempt, which the caller has to run if it is the first, or
// joins the one that is under way.
func (s *stops) enter(how command.Stop) (a *attempt, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.under; a != nil {
		if how.Last == command.SaveNever || how.Force {
			a.Force = true
		}
		if how.Last == command.SaveNever {
			a.cancel(errDropped)
		}
		return a, false
	}
	a = &attempt{Stop: how, begun: time.Now(), done: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancelCause(context.Background())
	s.under = a
	return a, true
}

// since says whether an attempt is under way and since when.
func (s *stops) since() (begun time.Time, under bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under == nil {
		return time.Time{}, false
	}
	return s.under.begun, true
}

// forced says whether the attempt goes on without the last snapshot.
func (s *stops) forced(a *attempt) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.Force
}

// run makes the attempt.
func (s *stops) run(a *attempt) {
	err := s.prepare(a)
	a.cancel(nil)
	s.mu.Lock()
	a.over = true
	if a.err = err; err != nil {
		s.under = nil
	}
	s.mu.Unlock()
	close(a.done)
	if err != nil {
		slog.Error("not stopping: the last snapshot could not be saved, and the server goes on as before; "+
			"make room for it and stop again, or give up what is not saved with SHUTDOWN NOSAVE or SHUTDOWN FORCE", "error", err)
		return
	}
	s.end()
}
