package governor

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// measureEvery is how often what the process holds beside data is measured.
const measureEvery = 100 * time.Millisecond

// KeepData keeps data within memory.max until ctx ends: it measures what the process
// takes beside it, and frees memory ahead of need. loading says whether a snapshot is
// being loaded.
func KeepData(ctx context.Context, st *store.Store, buffers *buffer.Pool, loading *atomic.Bool) {
	m := meter{st: st, buffers: buffers, loading: loading}
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

// meter tells the store what of memory.max the process itself takes.
//
// That is what it held when it was ready to serve, and the files it is made of;
// nothing that clients can add to: what they hold, what the collector has not
// cleared up after them and what Go keeps for that counts for no key to be
// evicted. It has bounds of its own.
type meter struct {
	st      *store.Store
	buffers *buffer.Pool
	loading *atomic.Bool
	base    int64 // beside files
	settled bool  // base was measured after loading
	limited bool  // the collector was told of a limit
	cramped int64 // the limit that was last found too small; 0: none
}

// limitedGC is GOGC under a limit, in percent: the Go heap holds no data, so that
// collecting more often costs little.
const limitedGC = 50

// baseRoom is what the process is given on top of what it held at first, in bytes:
// the heap between two collections, and threads that are started.
const baseRoom = 2 << 20

// filesBeside is how much resident memory of files, which is the binary's own
// text and data, does not count: what the process may hold beside memory.max
// and a tenth of it is 16 MiB, and a build with everything has more than that.
const filesBeside = 12 << 20

func (m *meter) measure() {
	if !m.settled {
		m.settled = !m.loading.Load()
		if m.settled {
			debug.FreeOSMemory() // what starting and loading have left
			if _, err := sys.DropProgram(); err != nil {
				slog.Debug("the program's pages stay resident", "err", err)
			}
		}
		m.base = m.heldBeside() + baseRoom
	}
	_, files, _ := residentBytes()
	m.st.SetOverhead(m.base + max(files-filesBeside, 0))
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

// heldBeside is what the process holds beside data, files and clients' buffers.
func (m *meter) heldBeside() int64 {
	known := heap().total + m.st.Bookkeeping()
	before := m.st.Memory().Resident
	anonymous, _, ok := residentBytes()
	if !ok {
		return known
	}
	// Blocks may be given back meanwhile.
	now := m.st.Memory()
	return max(known, anonymous-max(before, now.Resident)-now.Order-m.buffers.Held()-m.buffers.Idle())
}

// warn tells once of a limit that the process itself takes most of.
func (m *meter) warn() {
	now := m.st.Memory()
	beside := now.Overhead - now.Order
	least, tooSmall := leastLimit(now.Limit, beside)
	if !tooSmall || now.Limit == m.cramped {
		return
	}
	m.cramped = now.Limit
	slog.Warn("memory.max leaves little room for keys; raise it", "max", config.Size(now.Limit),
		"beside_keys", config.Size(beside), "least", config.Size(least))
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
