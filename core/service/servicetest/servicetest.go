// Package servicetest is the conformance suite of services: what every
// service.Service must do, in this tree or out of it.
//
// A service's test describes itself in a Kit and calls Run. The suite is not to be run
// in parallel with other tests of the same process, since it counts goroutines.
package servicetest

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/service"
)

// Kit is a service under test.
type Kit struct {
	// New makes a service that is enabled, on any address that is free if it listens
	// on one, for this host. Serves uses it as its users would, after its Start, and
	// fails the test if it doesn't serve; nil: there is nothing that it serves.
	New func(t *testing.T, host service.Host) (s service.Service, serves func(t *testing.T))
	// Off makes one that the configuration switches off; nil: it can't be.
	Off func(t *testing.T, host service.Host) service.Service
	// Broken makes one whose Start fails; nil: it can't.
	Broken func(t *testing.T, host service.Host) service.Service
}

// patience bounds each wait: only a service that is broken uses it up.
const patience = 20 * time.Second

// Run runs the suite.
func Run(t *testing.T, k Kit) {
	t.Run("it is enabled by its configuration", k.enabled)
	t.Run("there is nothing to stop before it starts", k.notStarted)
	t.Run("it serves from Start to Stop", k.serves)
	t.Run("it tells of what the process does", k.tells)
	t.Run("a Start that fails says whose it is", k.broken)
	t.Run("Stop ends its goroutines", k.stops)
}

func (k Kit) make(t *testing.T) service.Service {
	s, _ := k.New(t, NewProcess().Host())
	return s
}

func (k Kit) enabled(t *testing.T) {
	if !k.make(t).Enabled() {
		t.Error("not enabled although it is configured")
	}
	if k.Off != nil && k.Off(t, NewProcess().Host()).Enabled() {
		t.Error("enabled although it is switched off")
	}
}

func (k Kit) notStarted(t *testing.T) {
	before := runtime.NumGoroutine()
	s := k.make(t)
	if !strings.HasPrefix(s.ID(), string(module.Admin)+".") {
		t.Errorf("ID %q does not start with %q", s.ID(), module.Admin)
	}
	if n := module.Descriptors(s); n < 0 {
		t.Errorf("it may have %d file descriptors open", n)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines after it was made, %d before", n, before)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("Stop without Start: %v", err)
	}
}

func (k Kit) serves(t *testing.T) {
	s, serves := k.New(t, NewProcess().Host())
	// The context is for the start alone: ending it must not end the service.
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	defer stop(t, s)
	if serves != nil {
		serves(t)
	}
}

// tells uses the service while the process's state changes, from other goroutines.
func (k Kit) tells(t *testing.T) {
	p := NewProcess()
	s, serves := k.New(t, p.Host())
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if serves == nil {
		return
	}
	ended := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			default:
			}
			p.Set(service.Figures{Keys: int64(i)}, nil)
			p.Stats.Commands.Add(1)
			runtime.Gosched()
		}
	})
	serves(t)
	close(ended)
	busy.Wait()
	p.Set(service.Figures{}, errors.New("draining"))
	serves(t)
}

func (k Kit) broken(t *testing.T) {
	if k.Broken == nil {
		t.Skip("its Start can't fail")
	}
	s := k.Broken(t, NewProcess().Host())
	err := s.Start(t.Context())
	if err == nil {
		stop(t, s)
		t.Fatal("no error")
	}
	if !strings.HasPrefix(err.Error(), s.ID()+": ") || strings.ContainsRune(err.Error(), '\n') {
		t.Errorf("error %q does not say in one line whose it is", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("Stop after a failed Start: %v", err)
	}
}

func (k Kit) stops(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		s, serves := k.New(t, NewProcess().Host())
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if serves != nil {
			serves(t)
		}
		stop(t, s)
	}
	// A goroutine that has signalled its end may still be returning.
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before the start:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func stop(t *testing.T, s service.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}
