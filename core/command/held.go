package command

import "github.com/redistill-go/redistill/core/stats"

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
