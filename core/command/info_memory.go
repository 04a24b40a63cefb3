package command

import (
	"github.com/redistill-go/redistill/core/stats"
)

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
