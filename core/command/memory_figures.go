package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/redistill-go/redistill/core/stats"
)

// MemoryFigures are what INFO and MEMORY STATS say of memory, in bytes.
//
// Used is what counts against the limit, so that dashboards which compare the two
// show how full the cache is. Redis has clients in it, and evicts keys for them;
// here they have a limit of their own and are in no figure that begins with used.
type MemoryFigures struct {
	Used      int64 // what counts against the limit
	Peak      int64 // the most that was seen
	Startup   int64 // of used, what the process had when it began to serve
	Dataset   int64 // of used, keys and values
	Overhead  int64 // of used, the rest
	Allocated int64 // blocks in the store's memory
	Active    int64 // allocated and the free blocks between
	Resident  int64 // active and pages kept for what comes next
	Limit     int64
	Held      stats.Held
}

// MemoryFigures takes the figures of this moment. It locks no shard and may be called
// from any goroutine.
func (e *Env) MemoryFigures() MemoryFigures {
	m, held := e.Store.Memory(), e.Held()
	used, dataset := m.Counted, min(held.Entries, m.Counted)
	return MemoryFigures{
		Used: used, Peak: e.Stats.Peak(used), Startup: m.Overhead - m.Order, Dataset: dataset, Overhead: used - dataset,
		Allocated: m.Allocated, Active: m.Used, Resident: m.Resident, Limit: m.Limit, Held: held,
	}
}

// DatasetShare is the part of the dataset in what has come since the start.
func (m *MemoryFigures) DatasetShare() float64 { return Share(m.Dataset, m.Used-m.Startup) }

// PeakShare is how much of the peak is in use.
func (m *MemoryFigures) PeakShare() float64 { return Share(m.Used, m.Peak) }

// Share is the part of the whole, from 0 to 1.
func Share(part, whole int64) float64 { return float64(part) / float64(max(whole, 1)) }

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

// SystemBytes is how much memory the machine has, 0 where the system does not
// tell.
func SystemBytes() int64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// Human is a number of bytes as INFO has it beside the exact one.
func Human(n int64) string {
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
