package saver

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// Saver moves the data set between the store and a backend.
type Saver struct {
	backend snapshot.Backend // nil: none
	store   *store.Store
	stats   *stats.Stats
	sink    records

	// ctx is that of the saves which clients and the interval ask for.
	ctx  context.Context
	stop context.CancelFunc

	// mu is never held while a shard is locked or waited for: INFO in EXEC takes
	// it with all shards locked.
	mu      sync.Mutex
	current *saving // nil: none is under way
	saves   sync.WaitGroup
	level   slog.Level // of what the log says of a save
	closing bool       // the last one is saved, and no other begins
	known   bool       // the newest snapshot is what the store held after LastChanges
}

// New makes a saver for the backend; nil: there is none, and nothing is saved.
func New(backend snapshot.Backend, st *store.Store, s *stats.Stats) *Saver {
	ctx, stop := context.WithCancel(context.Background())
	return &Saver{
		backend: backend, store: st, stats: s, sink: records{st, s}, level: slog.LevelInfo,
		ctx: ctx, stop: stop,
	}
}

var _ command.Snapshots = (*Saver)(nil)

// errStopping is why no client can begin a save any more.
var errStopping = errors.New("the server is stopping")

// Begin implements command.Snapshots.
func (s *Saver) Begin(later bool) (<-chan error, error) { return s.begin(s.ctx, later) }

func (s *Saver) begin(ctx context.Context, later bool) (<-chan error, error) {
	return s.start(ctx, &saving{}, later)
}

// start starts v. later: its moment is to be when the backend asks for it.
func (s *Saver) start(ctx context.Context, v *saving, later bool) (<-chan error, error) {
	v.Saver, v.began, v.done = s, time.Now(), make(chan error, 1)
	v.sampled, v.commands = v.began, s.stats.Commands.Load()
	ctx, v.cancel = context.WithCancel(ctx)
	if err := s.enter(ctx, v); err != nil {
		v.cancel()
		return nil, err
	}
	if !later {
		if err := v.take(); err != nil {
			v.cancel()
			s.finish(v, snapshot.Info{}, err)
			s.saves.Done()
			return nil, err
		}
	}
	go func() {
		defer s.saves.Done()
		defer v.cancel()
		v.done <- v.run(ctx)
	}()
	return v.done, nil
}

// enter makes v the save that is under way, or says why it can't be.
func (s *Saver) enter(ctx context.Context, v *saving) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.backend == nil:
		return command.ErrNoBackend
	case ctx.Err() != nil, s.closing && !v.last:
		return errStopping
	case s.current != nil:
		return command.ErrSaving
	}
	s.current = v
	s.saves.Add(1)
	s.stats.SnapshotBeganUnixMs.Store(v.began.UnixMilli())
	return nil
}

// save saves a snapshot and waits until it is complete.
func (s *Saver) save(ctx context.Context) error { return s.wait(ctx, &saving{}) }

func (s *Saver) wait(ctx context.Context, v *saving) error {
	done, err := s.start(ctx, v, false)
	if err != nil {
		return err
	}
	return <-done
}

// finish notes how a save has ended.
func (s *Saver) finish(v *saving, info snapshot.Info, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	s.stats.SnapshotBeganUnixMs.Store(0)
	if s.known = err == nil; !s.known {
		s.stats.SnapshotLastFailed.Store(1)
		s.stats.SnapshotsFailed.Add(1)
		slog.Error("snapshot failed, the one before it is kept", "module", s.backend.ID(), "error", err)
		return
	}
	took := time.Since(v.began)
	s.stats.SnapshotsSaved.Add(1)
	s.stats.SnapshotLastFailed.Store(0)
	s.stats.SnapshotLastChanges.Store(v.changes)
	s.stats.SnapshotLastUnixMs.Store(time.Now().UnixMilli())
	s.stats.SnapshotLastKeys.Store(info.Keys)
	s.stats.SnapshotLastDuration.Store(int64(took))
	s.stats.SnapshotLastCopied.Store(v.copied)
	slog.Log(context.Background(), s.level, "snapshot saved", "module", s.backend.ID(), "keys", info.Keys, "bytes", info.Bytes, "took", took)
}

// Figures implements command.Snapshots.
func (s *Saver) Figures() command.SnapshotFigures {
	s.mu.Lock()
	v := s.current
	s.mu.Unlock()
	if v == nil {
		return command.SnapshotFigures{}
	}
	f := command.SnapshotFigures{Began: v.began}
	if view := v.view.Load(); view != nil {
		f.Keys, f.Total = view.Walked(), int64(view.Len())
	}
	return f
}
