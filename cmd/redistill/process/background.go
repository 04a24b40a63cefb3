package process

import (
	"context"
	"log/slog"
	"time"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/governor"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// background is a task of the core that runs until ctx ends.
type background func(ctx context.Context)

// every makes a task of something to do at intervals.
func every(interval time.Duration, do func(now time.Time)) background {
	return func(ctx context.Context) {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				do(now)
			}
		}
	}
}

// newSweeper removes expired keys ten times a second, for at most a fifth of the
// time.
func newSweeper(env *command.Env) background {
	return every(100*time.Millisecond, func(now time.Time) {
		if env.SweepPaused.Load() {
			return
		}
		env.Store.Sweep(now.UnixMilli(), 20*time.Millisecond)
		env.Stats.Latency.Record(stats.EventExpireCycle, now, env.Store.SweepHold())
	})
}

// newPolicyTidier gives back what the eviction policy no longer needs.
func newPolicyTidier(st *store.Store) background {
	return every(100*time.Millisecond, func(time.Time) {
		if err := st.TidyPolicy(); err != nil {
			slog.Error("cannot return memory to the system", "err", err)
		}
	})
}

// newSampler takes the samples that rates and the peak of memory are made from.
func newSampler(st *store.Store, s *stats.Stats) background {
	return every(stats.SampleEvery, func(now time.Time) {
		s.Sample(now)
		s.Peak(st.Memory().Counted)
	})
}

// newClientCloser closes connections that have been idle, or have left replies
// unread, for too long.
func newClientCloser(srv *server.Server) background {
	return every(time.Second, func(now time.Time) {
		srv.CloseIdle(now)
		srv.CloseUnread(now)
	})
}

// newPopulator backs memory ahead of need.
func newPopulator(st *store.Store) background { return st.Populate }

func newMemoryKeeper(st *store.Store, buffers *buffer.Pool, state *state) background {
	return func(ctx context.Context) { governor.KeepData(ctx, st, buffers, &state.loading) }
}

func newCollector(srv *server.Server, env *command.Env) background {
	return func(ctx context.Context) { governor.Collect(ctx, srv, env.Tracking) }
}
