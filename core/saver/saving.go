package saver

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store"
)

// saving is one save. It is the source that the backend gets, whose view is
// that of the moment at which the save was asked for.
type saving struct {
	*Saver

	last    bool // it is the last one
	cancel  context.CancelFunc
	began   time.Time
	changes int64 // writes to the store before the moment
	view    atomic.Pointer[store.View]
	given   bool  // the backend has the view, and closes it
	copied  int64 // bytes, by the view
	done    chan error

	load     sync.Mutex
	sampled  time.Time
	commands int64 // until then
	busy     bool  // as of then
}

var _ snapshot.Source = (*saving)(nil)

// take takes the view, of the kind that the backend will ask for.
func (v *saving) take() error {
	open := v.store.View
	if v.incremental() {
		open = v.store.Changes
	}
	v.changes = v.store.Totals().Changes
	view, err := open()
	if err == nil {
		taken := view.(*store.View)
		taken.Share(v.share)
		v.view.Store(taken)
	}
	return err
}

// A server that answers more commands a second and core than this has clients
// that would notice if all cores were busy with a snapshot.
const (
	busyRate   = 1000
	busySample = 10 * time.Millisecond
)

// share is how many goroutines may walk the view now: as many as there are
// cores, and while clients keep the server busy half as many, which rest.
func (v *saving) share() (workers int, rest bool) {
	cores := runtime.GOMAXPROCS(0)
	v.load.Lock()
	defer v.load.Unlock()
	if since := time.Since(v.sampled); since >= busySample {
		commands := v.stats.Commands.Load()
		v.busy = float64(commands-v.commands) > busyRate*float64(cores)*since.Seconds()
		v.sampled, v.commands = time.Now(), commands
	}
	if v.busy {
		return max(1, cores/2), true
	}
	return cores, false
}

func (s *Saver) incremental() bool {
	b, ok := s.backend.(snapshot.Incremental)
	return ok && b.Incremental()
}

func (v *saving) run(ctx context.Context) error {
	var info snapshot.Info
	var err error
	if v.view.Load() == nil {
		err = v.take()
	}
	if err == nil {
		info, err = v.backend.Save(ctx, v)
		if view := v.view.Load(); v.given {
			v.copied = view.Copied()
		} else {
			view.Close(false)
		}
	}
	v.finish(v, info, err)
	return err
}

// View implements snapshot.Source.
func (v *saving) View() (snapshot.View, error) { return v.give() }

// Changes implements snapshot.Source.
func (v *saving) Changes() (snapshot.View, error) { return v.give() }

func (v *saving) give() (snapshot.View, error) {
	if v.given {
		return nil, store.ErrViewOpen
	}
	v.given = true
	return v.view.Load(), nil
}
