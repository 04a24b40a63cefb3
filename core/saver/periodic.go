package saver

import (
	"context"
	"log/slog"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// frequent saves are nothing that the log tells of unless it tells everything.
const frequent = 10 * time.Second

// Periodic saves a snapshot at intervals, from the end of one to the next,
// unless nothing has changed. One that fails is tried again at the next.
//
// interval is that of the configuration; a Continuous backend may want another. Is
// it 0, there are no periodic saves, and nil is returned.
func (s *Saver) Periodic(interval time.Duration) func(ctx context.Context) {
	if b, ok := s.backend.(snapshot.Continuous); ok && b.SaveEvery() > 0 {
		interval = b.SaveEvery()
	}
	if interval <= 0 {
		return nil
	}
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
