package churn

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// What is watched how often. VmRSS is cheap to read; smaps_rollup makes the
// kernel walk all pages, and INFO makes the server lock its shards in turn.
const (
	RSSEvery  = 20 * time.Millisecond
	infoEvery = 20 * time.Millisecond
	walkEvery = time.Second
)

// full is the share of memory.max from which on memory counts as full.
const full = 0.96

// Seen is what a watch has seen of a server in one phase.
type Seen struct {
	RSS   int64 // the most resident memory, in bytes
	Least int64 // used memory while it was full, in bytes; 0: it never was
	Most  int64
	// Evicting is the least of those while keys were evicted, at looks between
	// which and the one before some were; 0: none ever was. Clients may make less
	// of memory themselves, by writing small values over large ones.
	Evicting int64
	Evicted  int64 // keys
	// Process is the least and the most of used memory that the process itself
	// took while memory was full, which changes without a write.
	Process struct{ Least, Most int64 }

	err error
}

// Watch samples a server until it is stopped.
type Watch struct {
	s       *harness.Server
	conn    *harness.Conn
	limit   int64
	streams []*Stream

	mu      sync.Mutex
	now     Seen
	full    bool  // and steady
	process int64 // at the last look
	evicted int64 // at the begin of the phase

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// StartWatch watches a server whose memory.max is limit bytes and that the
// streams write to.
func StartWatch(ctx context.Context, s *harness.Server, limit int64, streams []*Stream) (*Watch, error) {
	conn, err := harness.Dial(ctx, "tcp", s.TCP)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &Watch{s: s, conn: conn, limit: limit, streams: streams, cancel: cancel}
	w.every(ctx, RSSEvery, w.resident)
	w.every(ctx, infoEvery, w.usage)
	w.every(ctx, walkEvery, w.walk)
	return w, nil
}

func (w *Watch) every(ctx context.Context, interval time.Duration, look func() error) {
	w.done.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := look(); err != nil {
				w.mu.Lock()
				w.now.err = err
				w.mu.Unlock()
				return
			}
		}
	})
}

// Stop ends the watch.
func (w *Watch) Stop() {
	w.cancel()
	w.done.Wait()
	_ = w.conn.Close() // nothing is lost with it
}

// Phase returns what was seen since the last call.
func (w *Watch) Phase() (Seen, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.now
	s.Evicted, w.evicted = s.Evicted-w.evicted, s.Evicted
	w.now = Seen{Evicted: w.evicted}
	return s, s.err
}

func (w *Watch) resident() error {
	rss, err := w.s.RSS()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.RSS = max(w.now.RSS, rss)
	return nil
}

func (w *Watch) usage() error {
	i, err := Info(w.conn)
	if err != nil {
		return err
	}
	used := i["used_memory"]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.Evicted = i["evicted_keys"]
	w.now.Most = max(w.now.Most, used)
	process := i["used_memory_startup"]
	if seen := &w.now.Process; float64(used) >= full*float64(w.limit) {
		if seen.Least == 0 {
			seen.Least = process
		}
		// The look before tells what it was when memory became full.
		seen.Least, seen.Most = min(seen.Least, process, w.process), max(seen.Most, process, w.process)
	}
	w.process = process
	w.full = steady(w.streams) && (w.full || float64(used) >= full*float64(w.limit))
	if w.full && (w.now.Least == 0 || used < w.now.Least) {
		w.now.Least = used
	}
	return nil
}

// walk reads the exact figures; VmRSS may lag a little behind.
func (w *Watch) walk() error {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", w.s.PID()))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, "Rss:")
		if !ok {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			return fmt.Errorf("smaps_rollup: %w", err)
		}
		w.mu.Lock()
		w.now.RSS = max(w.now.RSS, kb<<10)
		w.mu.Unlock()
	}
	return nil
}

// Info returns the integers of INFO.
func Info(c *harness.Conn) (map[string]int64, error) {
	text, err := c.Do("INFO", "memory", "stats", "keyspace")
	if err != nil {
		return nil, fmt.Errorf("INFO: %w", err)
	}
	figures := map[string]int64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			figures[name] = n
		}
	}
	if _, ok := figures["used_memory"]; !ok {
		return nil, fmt.Errorf("INFO without used_memory: %.200q", text)
	}
	return figures, nil
}
