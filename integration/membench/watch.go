package main

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
	rssEvery  = 20 * time.Millisecond
	infoEvery = 20 * time.Millisecond
	walkEvery = time.Second
)

// full is the share of memory.max from which on memory counts as full.
const full = 0.97

// seen is what a watch has seen of a server.
type seen struct {
	rss      int64 // the most resident memory, in bytes
	samples  int
	least    int64 // used memory while it was full; 0: it never was
	most     int64
	evicted  int64 // keys
	reported error
}

// watch samples a server until it is stopped.
type watch struct {
	s     *harness.Server
	conn  *harness.Conn
	limit int64

	mu      sync.Mutex
	now     seen
	full    bool
	evicted int64 // at the begin of the phase

	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startWatch(ctx context.Context, s *harness.Server, limit int64) (*watch, error) {
	conn, err := harness.Dial(ctx, "tcp", s.TCP)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{s: s, conn: conn, limit: limit, cancel: cancel}
	w.every(ctx, rssEvery, w.resident)
	w.every(ctx, infoEvery, w.info)
	w.every(ctx, walkEvery, w.walk)
	return w, nil
}

func (w *watch) every(ctx context.Context, interval time.Duration, look func() error) {
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
				w.now.reported = err
				w.mu.Unlock()
				return
			}
		}
	})
}

func (w *watch) stop() {
	w.cancel()
	w.done.Wait()
	_ = w.conn.Close() // nothing is lost with it
}

// phase returns what was seen since the last call.
func (w *watch) phase() (seen, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.now
	s.evicted, w.evicted = s.evicted-w.evicted, s.evicted
	w.now = seen{evicted: w.evicted}
	return s, s.reported
}

func (w *watch) resident() error {
	rss, err := w.s.RSS()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.samples++
	w.now.rss = max(w.now.rss, rss)
	return nil
}

func (w *watch) info() error {
	i, err := readInfo(w.conn)
	if err != nil {
		return err
	}
	used := i["used_memory"]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.evicted = i["evicted_keys"]
	if w.full = w.full || float64(used) >= full*float64(w.limit); !w.full {
		return nil
	}
	w.now.most = max(w.now.most, used)
	if w.now.least == 0 || used < w.now.least {
		w.now.least = used
	}
	return nil
}

// walk reads the exact figures; VmRSS may lag a little behind.
func (w *watch) walk() error {
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
		w.now.rss = max(w.now.rss, kb<<10)
		w.mu.Unlock()
	}
	return nil
}

// readInfo returns the integers of INFO.
func readInfo(c *harness.Conn) (map[string]int64, error) {
	if err := c.SetDeadline(time.Now().Add(harness.ConnTimeout)); err != nil {
		return nil, err
	}
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
