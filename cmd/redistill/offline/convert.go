package offline

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Converted is what a conversion did.
type Converted struct {
	From, To snapshot.Info
	// Expired are keys that had expired and are not in the new snapshot.
	Expired int64
}

// Convert reads a snapshot from one open backend and saves its records to
// another.
//
// The new snapshot is complete only when the old one was read to its end and
// found sound, since the one's Save lasts until the other's Load is done.
func Convert(ctx context.Context, from, to snapshot.Backend, now time.Time) (Converted, error) {
	p := &pipe{from: from, taken: now}
	saved, err := to.Save(ctx, p)
	if p.failed != nil { // the cause, and not that the target gave up
		return Converted{}, ReadError{p.failed}
	}
	if err != nil {
		return Converted{}, err
	}
	return Converted{From: p.loaded, To: saved, Expired: p.expired.Load()}, nil
}

// ReadError is an error of the snapshot that is read, and not of the one that
// is written.
type ReadError struct{ error }

// Unwrap returns the backend's error.
func (e ReadError) Unwrap() error { return e.error }

// pipe is a source whose records are those that another backend loads. It is
// its own view, since there is only one.
type pipe struct {
	from   snapshot.Backend
	taken  time.Time
	loaded snapshot.Info
	failed error // of the Load

	expired atomic.Int64
}

var (
	_ snapshot.Source = (*pipe)(nil)
	_ snapshot.View   = (*pipe)(nil)
)

// View implements snapshot.Source.
func (p *pipe) View() (snapshot.View, error) { return p, nil }

// Changes implements snapshot.Source. Nothing was saved before, so that
// everything has changed.
func (p *pipe) Changes() (snapshot.View, error) { return p, nil }

// Taken implements snapshot.View.
func (p *pipe) Taken() time.Time { return p.taken }

// Full implements snapshot.View.
func (p *pipe) Full() bool { return true }

// Len implements snapshot.View. How many records there are shows only when they
// are read.
func (p *pipe) Len() int { return 0 }

// Deleted implements snapshot.View.
func (p *pipe) Deleted(func([]byte) error) error { return nil }

// Close implements snapshot.View.
func (p *pipe) Close(bool) {}

// Walk implements snapshot.View. The backend that loads chooses its goroutines;
// each record borrows the number of an idle worker.
func (p *pipe) Walk(ctx context.Context, workers int, yield func(int, snapshot.Record) error) error {
	idle := make(chan int, workers)
	for i := range workers {
		idle <- i
	}
	info, err := p.from.Load(ctx, sink(func(r snapshot.Record) error {
		if r.ExpireAt != 0 && r.ExpireAt < p.taken.UnixMilli() {
			p.expired.Add(1)
			return nil
		}
		worker := <-idle
		err := yield(worker, r)
		idle <- worker
		if err != nil {
			return targetError{err}
		}
		return nil
	}))
	p.loaded = info
	// An error of the target comes back through the Load, which takes it for
	// one of its own sink: the target must see its own.
	var t targetError
	if errors.As(err, &t) {
		return t.error
	}
	p.failed = err
	return err
}

// targetError is an error that yield returned.
type targetError struct{ error }

func (t targetError) Unwrap() error { return t.error }

// sink is a snapshot.Sink made of a function.
type sink func(snapshot.Record) error

// Put implements snapshot.Sink.
func (s sink) Put(r snapshot.Record) error { return s(r) }
