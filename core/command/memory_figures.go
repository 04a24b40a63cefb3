package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/redistill-go/redistill/core/stats"
)

// memoryFigures are what INFO and MEMORY STATS say of memory, in bytes.
//
// Used is what counts against the limit, so that dashboards which compare the two
// show how full the cache is. Redis has clients in it, and evicts keys for them;
// here they have a limit of their own and are in no figure that begins with used.
type memoryFigures struct {
	used      int64 // what counts against the limit
	peak      int64 // the most that was seen
	startup   int64 // of used, what the process had when it began to serve
	dataset   int64 // of used, keys and values
	overhead  int64 // of used, the rest
	allocated int64 // blocks in the store's memory
	active    int64 // allocated and the free blocks between
	resident  int64 // active and pages kept for what comes next
	limit     int64
	held      stats.Held
}

func (e *Env) memoryFigures() memoryFigures {
	m, held := e.Store.Memory(), e.Held()
	used, dataset := m.Counted, min(held.Entries, m.Counted)
	return memoryFigures{
		used: used, peak: e.Stats.Peak(used), startup: m.Overhead - m.Order, dataset: dataset, overhead: used - dataset,
		allocated: m.Allocated, active: m.Used, resident: m.Resident, limit: m.Limit, held: held,
	}
}

// datasetShare is the part of the dataset in what has come since the start.
func (m *memoryFigures) datasetShare() float64 { return share(m.dataset, m.used-m.startup) }

func (m *memoryFigures) peakShare() float64 { return share(m.used, m.peak) }

func share(part, whole int64) float64 { return float64(part) / float64(max(whole, 1)) }

// residentBytes is how much memory the process holds, 0 where the system does
// not tell.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// systemBytes is how much memory the machine has, 0 where the system does not
// tell.
func systemBytes() int64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// human is a number of bytes as INFO has it beside the exact one.
func human(n int64) string {
	f, units := float64(n), "BKMGT"
	for f >= 1024 && len(units) > 1 {
		f, units = f/1024, units[1:]
	}
	if units[0] == 'B' {
		return fmt.Sprintf("%dB", n)
	}
	return fmt.Sprintf("%.2f%c", f, units[0])
}

// Held tells what the process holds, by what for. It takes no lock of a shard and
// may be called from any goroutine, once a second or so.
func (e *Env) Held() stats.Held {
	d, tracked := e.Store.Held(), e.Tracking.Totals()
	h := stats.Held{
		Entries: d.Entries, Index: d.Index, Policy: d.Policy, Snapshot: d.Kept, Leaving: d.Leaving,
		Values: d.Arriving + d.Unread, Fragmentation: d.Fragmentation, Spare: d.Spare, Bookkeeping: d.Bookkeeping,
		Tracking: tracked.Bytes, Resident: residentBytes(),
	}
	if e.Outside != nil {
		e.Outside(&h, d.Arriving)
	}
	return h
}
