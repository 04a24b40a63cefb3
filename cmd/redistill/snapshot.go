package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// snapshots moves the data set between the store and the selected backend. It
// keeps the backend's rule that no two of its calls overlap.
type snapshots struct {
	backend module.Backend
	store   *store.Store
	sink    module.Sink
	stats   *stats.Stats

	mu sync.Mutex
}

// load fills the store from the newest snapshot, if there is one.
func (s *snapshots) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	begin := time.Now()
	if b, ok := s.backend.(module.Incremental); ok && b.Incremental() {
		s.store.TrackChanges()
	}
	s.store.Loading()
	info, err := s.backend.Load(ctx, s.sink)
	s.store.Loaded(err == nil)
	if errors.Is(err, module.ErrNoSnapshot) {
		slog.Info("no snapshot to load", "module", s.backend.ID())
		return nil
	}
	if err != nil {
		return err
	}
	s.stats.SnapshotKeysLoaded.Store(info.Keys)
	s.stats.SnapshotLastChanges.Store(s.store.Totals().Changes)
	slog.Info("snapshot loaded", "module", s.backend.ID(), "keys", info.Keys, "bytes", info.Bytes, "took", time.Since(begin))
	return nil
}

// save writes a snapshot. Its outcome is counted, logged and returned.
func (s *snapshots) save(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	begin, changes := time.Now(), s.store.Totals().Changes
	s.stats.SnapshotBeganUnixMs.Store(begin.UnixMilli())
	defer s.stats.SnapshotBeganUnixMs.Store(0)
	info, err := s.backend.Save(ctx, s.store)
	if err != nil {
		s.stats.SnapshotLastFailed.Store(1)
		s.stats.SnapshotsFailed.Add(1)
		slog.Error("snapshot failed, the one before it is kept", "module", s.backend.ID(), "error", err)
		return err
	}
	took := time.Since(begin)
	s.stats.SnapshotsSaved.Add(1)
	s.stats.SnapshotLastFailed.Store(0)
	s.stats.SnapshotLastChanges.Store(changes)
	s.stats.SnapshotLastUnixMs.Store(time.Now().UnixMilli())
	s.stats.SnapshotLastKeys.Store(info.Keys)
	s.stats.SnapshotLastDuration.Store(int64(took))
	slog.Info("snapshot saved", "module", s.backend.ID(), "keys", info.Keys, "bytes", info.Bytes, "took", took)
	return nil
}

// periodic saves a snapshot at each interval. A save that fails is tried again
// at the next.
func (s *snapshots) periodic(interval time.Duration) background {
	return func(ctx context.Context) {
		every(interval, func(time.Time) {
			_ = s.save(ctx) // counted and logged there
		})(ctx)
	}
}
