package process

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/store"
)

// observer offers the figures of the store and the server.
type observer struct {
	st  *store.Store
	env *command.Env
	srv *server.Server
}

// Figures implements service.Observer.
func (o observer) Figures() service.Figures {
	totals, memory, compaction := o.st.Totals(), o.st.Memory(), o.st.Compaction()
	return service.Figures{
		Keys:         int64(totals.Keys),
		ExpiringKeys: int64(totals.Expiring),
		ExpiredKeys:  totals.Expired,
		EvictedKeys:  totals.Evicted,
		MemoryUsed:   memory.Counted,
		MemoryLimit:  memory.Limit,
		ClientLimit:  o.srv.MemoryLimit(),
		MaxClients:   int64(o.srv.MaxClients()),
		Held:         o.env.Held(),

		MemoryWaits:     durations(o.st.Waits()),
		CompactionHolds: durations(o.st.Holds()),

		CompactionMoved:   compaction.Moved,
		CompactionEvicted: compaction.Evicted,
		CompactionFreed:   compaction.Freed,
	}
}

func durations(w store.Waits) service.Durations {
	return service.Durations{Bounds: store.WaitBounds(), Counts: w.Counts[:], Sum: w.Sum}
}
