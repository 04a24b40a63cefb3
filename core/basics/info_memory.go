package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/stats"
)

func memoryInfo(e *command.Env, add adder) {
	m := e.MemoryFigures()
	rss := m.Held.Resident
	withHuman := func(name string, n int64) {
		add(name, itoa(n))
		add(name+"_human", command.Human(n))
	}
	withHuman("used_memory", m.Used)
	if rss > 0 {
		withHuman("used_memory_rss", rss)
	}
	withHuman("used_memory_peak", m.Peak)
	add("used_memory_peak_perc", decimals(m.PeakShare()*100, 2)+"%")
	add("used_memory_overhead", itoa(m.Overhead))
	add("used_memory_startup", itoa(m.Startup))
	add("used_memory_dataset", itoa(m.Dataset))
	add("used_memory_dataset_perc", decimals(m.DatasetShare()*100, 2)+"%")
	add("allocator_allocated", itoa(m.Allocated))
	add("allocator_active", itoa(m.Active))
	add("allocator_resident", itoa(m.Resident))
	add("allocator_muzzy", "0")
	if total := command.SystemBytes(); total > 0 {
		withHuman("total_system_memory", total)
	}
	withHuman("maxmemory", m.Limit)
	add("maxmemory_policy", configValue(e, "maxmemory-policy"))
	add("allocator_frag_ratio", decimals(command.Share(m.Active, m.Allocated), 2))
	add("allocator_frag_bytes", itoa(m.Active-m.Allocated))
	add("allocator_rss_ratio", decimals(command.Share(m.Resident, m.Active), 2))
	add("allocator_rss_bytes", itoa(m.Resident-m.Active))
	if rss > 0 {
		add("rss_overhead_ratio", decimals(command.Share(rss, m.Resident), 2))
		add("rss_overhead_bytes", itoa(rss-m.Resident))
		add("mem_fragmentation_ratio", decimals(command.Share(rss, m.Used), 2))
		add("mem_fragmentation_bytes", itoa(rss-m.Used))
	}
	// All of used_memory counts for eviction.
	for _, name := range []string{"mem_not_counted_for_evict", "mem_overhead_db_hashtable_rehashing", "mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves"} {
		add(name, "0")
	}
	add("mem_clients_normal", itoa(m.Held.Clients()))
	add("mem_cluster_links", "0")
	add("mem_aof_buffer", "0")
	add("mem_allocator", "arena")
	for _, account := range stats.Holdings() {
		add("redistill_memory_"+account.Name, itoa(account.Of(&m.Held)))
	}
	add("redistill_memory_accounted", itoa(m.Held.Sum()))
}
