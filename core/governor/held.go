package governor

import (
	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/stats"
)

// Outside tells what is held outside the store: see command.Env.
//
// What is seen from two sides is counted once. Large values arrive in the store's
// memory, and their clients have noted them as input or as queued: they are taken
// from there. What clients have in the Go heap is known to the runtime too: it is
// taken from what the runtime holds, so that an estimate which is too high makes the
// runtime's part too low and leaves the sum as it is.
func Outside(srv *server.Server, buffers *buffer.Pool) func(h *stats.Held, arriving int64) {
	return func(h *stats.Held, arriving int64) {
		c := srv.Held()
		of := min(arriving, c.Input)
		h.Input = c.Input - of
		h.Queued = max(c.Queued-(arriving-of), 0)
		h.Connections, h.Output, h.Messages, h.Watched = c.Connections, c.Output, c.Messages, c.Watched

		noted, pooled := h.Input+h.Output+h.Messages+h.Queued+h.Watched+h.Tracking, buffers.Held()
		h.Buffers = max(pooled-noted, 0) + buffers.Idle()
		// Few arguments, queued commands, watched and tracked keys are in the heap and in
		// no buffer.
		inHeap := max(noted-pooled, 0) + h.Connections

		anonymous, files, ok := residentBytes()
		beside := h.Sum() - inHeap
		left := int64(0)
		if ok {
			h.Files, h.Resident = files, anonymous+files
			left = max(anonymous-beside, 1)
		}
		ofRuntime(h, heap(), left, inHeap)
	}
}

// ofRuntime enters what the Go runtime holds, but for what clients have in its
// heap. resident is what the system counts beside all that is known to be something
// else; 0: it does not count.
//
// Of what the runtime counts as held it has never touched all: tables for a heap
// that could become larger, and the ends of spans. What it says is therefore the
// most, and the system's figure is right while it is less, but for objects and
// stacks, which are there for certain.
func ofRuntime(h *stats.Held, g goHeap, resident, inHeap int64) {
	holds := g.total
	if resident > 0 {
		holds = min(holds, max(resident, g.objects+g.stacks))
	}
	tables := g.total - g.objects - g.unused - g.stacks
	untouched := g.total - holds
	h.Unused = g.unused - max(untouched-tables, 0)
	h.Garbage = max(g.objects-max(g.alive, inHeap), 0)
	h.Runtime = max(holds-h.Unused-h.Garbage-inHeap, 0)
}
