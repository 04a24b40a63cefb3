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
func (m *memoryFigures) peakShare() float64    { return share(m.used, m.peak) }

func (e *Env) memoryInfo(add adder) {
	m := e.memoryFigures()
	rss := m.held.Resident
	withHuman := func(name string, n int64) {
		add(name, itoa(n))
		add(name+"_human", human(n))
	}
	withHuman("used_memory", m.used)
	if rss > 0 {
		withHuman("used_memory_rss", rss)
	}
	withHuman("used_memory_peak", m.peak)
	add("used_memory_peak_perc", decimals(m.peakShare()*100, 2)+"%")
	add("used_memory_overhead", itoa(m.overhead))
	add("used_memory_startup", itoa(m.startup))
	add("used_memory_dataset", itoa(m.dataset))
	add("used_memory_dataset_perc", decimals(m.datasetShare()*100, 2)+"%")
	add("allocator_allocated", itoa(m.allocated))
	add("allocator_active", itoa(m.active))
	add("allocator_resident", itoa(m.resident))
	add("allocator_muzzy", "0")
	if total := systemBytes(); total > 0 {
		withHuman("total_system_memory", total)
	}
	withHuman("maxmemory", m.limit)
	add("maxmemory_policy", e.configValue("maxmemory-policy"))
	add("allocator_frag_ratio", decimals(share(m.active, m.allocated), 2))
	add("allocator_frag_bytes", itoa(m.active-m.allocated))
	add("allocator_rss_ratio", decimals(share(m.resident, m.active), 2))
	add("allocator_rss_bytes", itoa(m.resident-m.active))
	if rss > 0 {
		add("rss_overhead_ratio", decimals(share(rss, m.resident), 2))
		add("rss_overhead_bytes", itoa(rss-m.resident))
		add("mem_fragmentation_ratio", decimals(share(rss, m.used), 2))
		add("mem_fragmentation_bytes", itoa(rss-m.used))
	}
	// All of used_memory counts for eviction.
	for _, name := range []string{"mem_not_counted_for_evict", "mem_overhead_db_hashtable_rehashing", "mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves"} {
		add(name, "0")
	}
	add("mem_clients_normal", itoa(m.held.Clients()))
	add("mem_cluster_links", "0")
	add("mem_aof_buffer", "0")
	add("mem_allocator", "arena")
	for _, account := range stats.Holdings() {
		add("redistill_memory_"+account.Name, itoa(account.Of(&m.held)))
	}
	add("redistill_memory_accounted", itoa(m.held.Sum()))
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
