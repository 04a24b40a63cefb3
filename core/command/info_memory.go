package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// memoryFigures are what INFO and MEMORY STATS say of memory, in bytes.
type memoryFigures struct {
	used      int64 // what counts against the limit
	peak      int64 // the most that was seen
	dataset   int64 // entries and indexes
	overhead  int64 // the rest of the process
	active    int64 // dataset and the free blocks between
	resident  int64 // active and pages kept for what comes next
	processes int64 // resident set of the whole process; 0: not known
	limit     int64
}

func (e *Env) memoryFigures() memoryFigures {
	m := e.Store.Memory()
	used := m.Counted
	return memoryFigures{
		used: used, peak: e.Stats.Peak(used), dataset: m.Allocated, overhead: m.Overhead,
		active: m.Used, resident: m.Resident, processes: residentBytes(), limit: m.Limit,
	}
}

func (m *memoryFigures) datasetShare() float64 { return share(m.dataset, m.used) }
func (m *memoryFigures) peakShare() float64    { return share(m.used, m.peak) }

func (e *Env) memoryInfo(add adder) {
	m := e.memoryFigures()
	withHuman := func(name string, n int64) {
		add(name, itoa(n))
		add(name+"_human", human(n))
	}
	withHuman("used_memory", m.used)
	if m.processes > 0 {
		withHuman("used_memory_rss", m.processes)
	}
	withHuman("used_memory_peak", m.peak)
	add("used_memory_peak_perc", decimals(m.peakShare()*100, 2)+"%")
	add("used_memory_overhead", itoa(m.overhead))
	add("used_memory_dataset", itoa(m.dataset))
	add("used_memory_dataset_perc", decimals(m.datasetShare()*100, 2)+"%")
	add("allocator_allocated", itoa(m.dataset))
	add("allocator_active", itoa(m.active))
	add("allocator_resident", itoa(m.resident))
	if total := systemBytes(); total > 0 {
		withHuman("total_system_memory", total)
	}
	withHuman("maxmemory", m.limit)
	add("maxmemory_policy", e.configValue("maxmemory-policy"))
	add("allocator_frag_ratio", decimals(share(m.active, m.dataset), 2))
	add("allocator_frag_bytes", itoa(m.active-m.dataset))
	add("allocator_rss_ratio", decimals(share(m.resident, m.active), 2))
	add("allocator_rss_bytes", itoa(m.resident-m.active))
	if m.processes > 0 {
		add("rss_overhead_ratio", decimals(share(m.processes, m.resident), 2))
		add("rss_overhead_bytes", itoa(m.processes-m.resident))
		add("mem_fragmentation_ratio", decimals(share(m.processes, m.used), 2))
		add("mem_fragmentation_bytes", itoa(m.processes-m.used))
	}
	add("mem_allocator", "arena")
}

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
