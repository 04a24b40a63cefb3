package main

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/store"
)

// measureEvery is how often what the process holds is measured: client buffers
// grow fast.
const measureEvery = 100 * time.Millisecond

// newMemoryKeeper keeps the process within memory.max: it measures what counts
// beside the store's blocks, and frees memory ahead of need.
func newMemoryKeeper(st *store.Store) background {
	return func(ctx context.Context) {
		m := newMeter(st)
		var measured time.Time
		timer := time.NewTimer(0)
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-st.Pressed():
			case <-timer.C:
			}
			now := time.Now()
			if now.Sub(measured) >= measureEvery {
				measured = now
				m.measure()
			}
			wait, err := st.Relieve(now.UnixMilli())
			if err != nil {
				slog.Error("cannot return memory to the system", "err", err)
				wait = measureEvery
			}
			timer.Reset(wait)
			runtime.Gosched()
		}
	}
}

// meter measures what the process holds outside the store's blocks.
type meter struct {
	st       *store.Store
	runtime  []metrics.Sample
	overhead int64 // as last told to the store
	limited  bool  // the collector was told of a limit
	cramped  int64 // the limit that was last found too small; 0: none
}

func newMeter(st *store.Store) *meter {
	return &meter{st: st, runtime: []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}}
}

// limitedGC is GOGC under a limit, in percent: the Go heap holds client buffers
// and no data, so that collecting more often costs little and leaves more of
// the limit for data.
const limitedGC = 50

// forget is how slowly the overhead is let sink: by a 256th at each measurement.
// The Go heap grows and shrinks with each collection; if the data made room for
// the one and filled the other again, keys would be evicted for nothing.
const forget = 256

// filesBeside is how much resident memory of files, which is the binary's own
// text and data, does not count: what the process may hold beside memory.max
// and a tenth of it is 16 MiB, and a build with everything has more than that.
const filesBeside = 12 << 20

// measure tells the store what counts beside its blocks: what the Go runtime
// holds and what the arena knows of its pages, or all of the process's memory
// that is no file's, if that is more; and what files hold beyond filesBeside.
func (m *meter) measure() {
	metrics.Read(m.runtime)
	known := int64(m.runtime[0].Value.Uint64()-m.runtime[1].Value.Uint64()) + m.st.Bookkeeping()
	before := m.st.Memory().Resident
	if anonymous, files, ok := residentBytes(); ok {
		// Blocks may be given back meanwhile.
		known = max(known, anonymous-max(before, m.st.Memory().Resident)-m.st.Memory().Order)
		known += max(files-filesBeside, 0)
	}
	m.overhead = max(known, m.overhead-m.overhead/forget)
	m.st.SetOverhead(m.overhead)
	m.warn()
	if limited := m.st.Memory().Limit > 0; limited != m.limited && os.Getenv("GOGC") == "" {
		m.limited = limited
		percent := 100
		if limited {
			percent = limitedGC
		}
		debug.SetGCPercent(percent)
	}
}

// warn tells once of a limit that the process itself takes most of.
func (m *meter) warn() {
	limit := m.st.Memory().Limit
	least, tooSmall := leastLimit(limit, m.overhead)
	if !tooSmall || limit == m.cramped {
		return
	}
	m.cramped = limit
	slog.Warn("memory.max leaves little room for keys; raise it", "max", config.Size(limit),
		"beside_keys", config.Size(m.overhead), "least", config.Size(least))
}

// leastLimit is the least limit, in whole MiB, of which keys have half where the
// process takes so much beside them, and whether this limit is less.
func leastLimit(limit, overhead int64) (least int64, tooSmall bool) {
	least = (2*overhead + 1<<20 - 1) >> 20 << 20
	return least, limit > 0 && limit < least
}

// residentBytes is the resident memory of the process, what belongs to no file
// and what does.
func residentBytes() (anonymous, files int64, ok bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0, 0, false
	}
	resident, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0, 0, false
	}
	shared, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return 0, 0, false
	}
	page := int64(os.Getpagesize())
	return (resident - shared) * page, shared * page, true
}
