package saver

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// How often the figures of a load are brought up to date, and how often the log
// tells of them.
const (
	loadFigures = 100 * time.Millisecond
	loadReports = 3 * time.Second
)

// Load fills the store from the newest snapshot, if there is one.
func (s *Saver) Load(ctx context.Context) error {
	begin := time.Now()
	s.stats.SnapshotLoadBeganUnixMs.Store(begin.UnixMilli())
	if s.incremental() {
		s.store.TrackChanges()
	}
	stop := s.watchLoad(begin)
	s.store.Loading()
	info, err := s.backend.Load(ctx, s.sink)
	s.store.Loaded(err == nil)
	stop()
	if errors.Is(err, snapshot.ErrNoSnapshot) {
		slog.Info("no snapshot to load", "module", s.backend.ID())
		return nil
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.known = true
	s.mu.Unlock()
	s.stats.SnapshotKeysLoaded.Store(info.Keys)
	s.stats.SnapshotLastChanges.Store(s.store.Totals().Changes)
	attrs := []any{"module", s.backend.ID(), "keys", info.Keys, "bytes", info.Bytes, "took", time.Since(begin)}
	if n := s.stats.SnapshotKeysExpired.Load(); n > 0 {
		attrs = append(attrs, "expired", n)
	}
	if info.SkippedKeys > 0 {
		attrs = append(attrs, "skipped", info.SkippedKeys)
	}
	if n := s.store.Totals().Evicted; n > 0 {
		attrs = append(attrs, "evicted", n)
	}
	slog.Info("snapshot loaded", attrs...)
	return nil
}

// watchLoad tells how far a load is, until stop is called.
func (s *Saver) watchLoad(begin time.Time) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(loadFigures)
		defer ticker.Stop()
		for reported := begin; ; {
			var now time.Time
			select {
			case <-ctx.Done():
				return
			case now = <-ticker.C:
			}
			s.noteLoad()
			if now.Sub(reported) >= loadReports {
				reported = now
				slog.Info("loading the snapshot", "module", s.backend.ID(), "keys", s.store.Totals().Keys,
					"bytes", s.stats.SnapshotLoadDone.Load(), "of", s.stats.SnapshotLoadTotal.Load(), "since", now.Sub(begin))
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		s.noteLoad()
	}
}

func (s *Saver) noteLoad() {
	if l, ok := s.backend.(snapshot.Loader); ok {
		done, total := l.LoadProgress().Now()
		s.stats.SnapshotLoadDone.Store(done)
		s.stats.SnapshotLoadTotal.Store(total)
	}
}
