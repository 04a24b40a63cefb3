package admin

import "github.com/redistill-go/redistill/core/stats"

// heldFamilies are the accounts of what the process holds: a gauge for each, what
// they come to, and what the system says that they should.
func heldFamilies() []family {
	var list []family
	for _, account := range stats.Holdings() {
		list = append(list, gaugeOf("redistill_memory_"+account.Name+"_bytes", account.Help,
			func(r *reading) int64 { return account.Of(&r.Held) }))
	}
	return append(list,
		gaugeOf("redistill_memory_accounted_bytes", "Memory in all accounts: data, clients, runtime and files.",
			func(r *reading) int64 { return r.Held.Sum() }),
		gaugeOf("redistill_memory_resident_bytes", "Memory that the process holds as the system sees it, 0 where it does not tell.",
			func(r *reading) int64 { return r.Held.Resident }))
}
