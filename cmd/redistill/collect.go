package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go collects garbage when the heap has grown by a part of what was alive. After
// clients have left that held much, nothing makes it grow, and what they held
// stays for minutes. So the process looks, and collects when there may be much to
// gain.
const (
	collectEvery = 250 * time.Millisecond // between looks
	// collectAbove is how many bytes more than at the last collection's end, or than
	// at the start, the heap must hold.
	collectAbove = 8 << 20
	// A collection that gains little is not tried again for a while, which doubles.
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

// newCollector returns to the system what the Go heap no longer needs.
func newCollector() background {
	return func(ctx context.Context) {
		ticker := time.NewTicker(collectEvery)
		defer ticker.Stop()
		rest, next, least := collectRest, time.Now(), heap().total
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			before := heap().total
			least = min(least, before)
			if before < least+collectAbove || time.Now().Before(next) {
				continue
			}
			debug.FreeOSMemory()
			after := heap().total
			if rest = min(2*rest, restMost); before-after > (before-least)/4 {
				rest = collectRest
			}
			next = time.Now().Add(rest)
		}
	}
}
