package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// snapshots moves the data set between the store and the selected backend. It
// keeps the backend's rule that no two of its calls overlap.
type snapshots struct {
	backend module.Backend // nil: none
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

// snapshotParts are what snapshots are made from.
type snapshotParts struct {
	fx.In

	Backend module.Backend `optional:"true"`
	Store   *store.Store
	Stats   *stats.Stats
}

func newSnapshots(parts snapshotParts) *snapshots {
	s := &snapshots{
		backend: parts.Backend, store: parts.Store, stats: parts.Stats,
		sink: records{parts.Store, parts.Stats}, level: slog.LevelInfo,
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

var _ command.Snapshots = (*snapshots)(nil)

// errStopping is why no client can begin a save any more.
var errStopping = errors.New("the server is stopping")

// Begin implements command.Snapshots.
func (s *snapshots) Begin(later bool) (<-chan error, error) { return s.begin(s.ctx, later) }

func (s *snapshots) begin(ctx context.Context, later bool) (<-chan error, error) {
	return s.start(ctx, &saving{}, later)
}

// start starts v. later: its moment is to be when the backend asks for it.
func (s *snapshots) start(ctx context.Context, v *saving, later bool) (<-chan error, error) {
	v.snapshots, v.began, v.done = s, time.Now(), make(chan error, 1)
	v.sampled, v.commands = v.began, s.stats.Commands.Load()
	ctx, v.cancel = context.WithCancel(ctx)
	if err := s.enter(ctx, v); err != nil {
		v.cancel()
		return nil, err
	}
	if !later {
		if err := v.take(); err != nil {
			v.cancel()
			s.finish(v, module.SnapshotInfo{}, err)
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
func (s *snapshots) enter(ctx context.Context, v *saving) error {
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
func (s *snapshots) save(ctx context.Context) error { return s.wait(ctx, &saving{}) }

func (s *snapshots) wait(ctx context.Context, v *saving) error {
	done, err := s.start(ctx, v, false)
	if err != nil {
		return err
	}
	return <-done
}

// saveLast stops the save that is under way, lets no other begin, and saves the
// last snapshot. If that fails, all is as before, and others may begin. It may be
// called again, when something has changed since.
func (s *snapshots) saveLast(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	if s.current != nil {
		s.current.cancel()
	}
	s.mu.Unlock()
	s.saves.Wait()
	err := s.wait(ctx, &saving{last: true})
	if err != nil {
		s.mu.Lock()
		s.closing = false
		s.mu.Unlock()
	}
	return err
}

// closed says whether saveLast has saved the last snapshot.
func (s *snapshots) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// end stops the save that is under way and lets no other begin but by save.
func (s *snapshots) end(context.Context) error {
	s.stop()
	s.saves.Wait()
	return nil
}

// finish notes how a save has ended.
func (s *snapshots) finish(v *saving, info module.SnapshotInfo, err error) {
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

// unchanged says whether the newest snapshot has what the store holds.
func (s *snapshots) unchanged() bool {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	return known && s.store.Totals().Changes == s.stats.SnapshotLastChanges.Load()
}

// Figures implements command.Snapshots.
func (s *snapshots) Figures() command.SnapshotFigures {
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

// frequent saves are nothing that the log tells of unless it tells everything.
const frequent = 10 * time.Second

// periodic saves a snapshot at intervals, from the end of one to the next,
// unless nothing has changed. One that fails is tried again at the next.
func (s *snapshots) periodic(interval time.Duration) background {
	if interval < frequent {
		s.level = slog.LevelDebug
	}
	return func(ctx context.Context) {
		timer := time.NewTimer(interval)
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			if !s.unchanged() {
				_ = s.save(ctx) // counted and logged there; one that is under way will do
			}
			timer.Reset(interval)
		}
	}
}
