package hostile

import (
	"context"
	"sync"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// lookEvery is how often resident memory is read.
const lookEvery = 10 * time.Millisecond

// watch samples what a process holds.
type watch struct {
	s *harness.Server

	mu   sync.Mutex
	now  int64
	peak int64
	err  error

	stop func()
}

func newWatch(ctx context.Context, s *harness.Server) *watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{s: s}
	w.look()
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for w.look() {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
	w.stop = func() { cancel(); done.Wait() }
	return w
}

func (w *watch) look() bool {
	rss, err := w.s.RSS()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.err = err
		return false
	}
	w.now, w.peak = rss, max(w.peak, rss)
	return true
}

func (w *watch) seen() (now, peak int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.peak, w.err
}

// settle returns what the process holds once that has changed by no more than a
// hundredth for a while, or after most.
func (w *watch) settle(ctx context.Context, most time.Duration) (int64, error) {
	const alike = 25 // looks
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	begin := time.Now()
	at, _, err := w.seen()
	for same := 0; same < alike && err == nil && time.Since(begin) < most; same++ {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ticker.C:
		}
		var now int64
		if now, _, err = w.seen(); max(now-at, at-now) > at/100 {
			at, same = now, 0
		}
	}
	return at, err
}

// below returns how long it takes until the process holds at most so much, and
// false if that is longer than most.
func (w *watch) below(ctx context.Context, bytes int64, most time.Duration) (time.Duration, bool, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	begin := time.Now()
	for {
		now, _, err := w.seen()
		took := time.Since(begin)
		if err != nil || now <= bytes || took > most {
			return took, now <= bytes, err
		}
		select {
		case <-ctx.Done():
			return took, false, ctx.Err()
		case <-ticker.C:
		}
	}
}
