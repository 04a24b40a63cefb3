package governor

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/tracking"
)

// Go collects garbage when the heap has grown by a part of what was alive. After
// clients have left that held much, nothing makes it grow, and what they held
// stays for minutes. So the process looks, and collects when there may be much to
// gain.
const (
	collectEvery = 250 * time.Millisecond // between looks
	// collectAbove is how many bytes more than at the last collection's end, or than
	// at the start, the heap must hold.
	collectAbove = 4 << 20
	// A collection that gains little is not tried again for a while, which doubles,
	// unless clients have gone meanwhile.
	collectRest = time.Second
	restMost    = 16 * time.Second
)

// goHeap is what the Go runtime holds, in bytes.
type goHeap struct {
	total   int64 // all that was not returned to the system
	objects int64 // alive or not collected yet
	alive   int64 // of those, what the last collection left
	unused  int64 // room in the heap
	stacks  int64
}

// heap reads what the Go runtime holds.
func heap() goHeap {
	s := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(s)
	at := func(i int) int64 { return int64(s[i].Value.Uint64()) }
	return goHeap{total: at(0) - at(1), objects: at(2), alive: min(at(3), at(2)), unused: at(4) + at(5), stacks: at(6)}
}

// Collect returns to the system what the Go heap no longer needs, until ctx ends.
func Collect(ctx context.Context, srv *server.Server, tr *tracking.Tracker) {
	ticker := time.NewTicker(collectEvery)
	defer ticker.Stop()
	c := collecting{least: heap().total}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		before := heap().total
		c.least = min(c.least, before)
		limitHeap(c.least, srv.MemoryLimit())
		if c.due(time.Now(), before, clientsInHeap(srv.Held(), tr.Totals())) {
			debug.FreeOSMemory()
			c.done(time.Now(), before, heap().total)
		}
	}
}

// heapRoom is what the Go heap may hold on top of what it has at least and of what
// clients may hold, in bytes, before it is collected more often than by GOGC.
const heapRoom = 16 << 20

// limitHeap keeps garbage within bounds where much in the heap is alive: clients are
// closed for what they hold, and half as much again could be there as garbage.
func limitHeap(least, clients int64) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return // the operator's own
	}
	limit := int64(math.MaxInt64)
	if clients > 0 {
		limit = least + clients + heapRoom
	}
	if debug.SetMemoryLimit(-1) != limit {
		debug.SetMemoryLimit(limit)
	}
}

// clientsInHeap is about what clients have in the Go heap, and some of what they
// have elsewhere.
func clientsInHeap(h server.Held, tracked tracking.Totals) int64 {
	return h.Connections + h.Input + h.Queued + h.Watched + h.Leaving + tracked.Bytes
}

// collecting decides when the heap is worth a collection.
type collecting struct {
	least   int64 // the least that the heap has held, in bytes
	most    int64 // the most that clients had in it since the last collection
	clients int64 // what they have now
	rest    time.Duration
	next    time.Time
}

// collectGone is how many bytes less clients must have in the heap for a collection
// that does not wait for the end of a rest: it will gain something.
const collectGone = collectAbove / 2

// due says whether to collect now that the heap holds so many bytes and clients
// have so many in it.
func (c *collecting) due(now time.Time, heap, clients int64) bool {
	c.least = min(c.least, heap)
	c.most, c.clients = max(c.most, clients), clients
	if heap < c.least+collectAbove {
		return false
	}
	return c.most-clients >= collectGone || !now.Before(c.next)
}

// done tells of a collection that was due.
func (c *collecting) done(now time.Time, before, after int64) {
	if c.rest = min(2*c.rest, restMost); c.rest == 0 || before-after > (before-c.least)/4 {
		c.rest = collectRest
	}
	c.next, c.most = now.Add(c.rest), c.clients
}
