package governor

import (
	"testing"
	"time"
)

// A heap that is large and stays so is collected more and more rarely, and at once
// when clients that had something in it have gone.
func TestCollectionsThatGainNothingAreRare(t *testing.T) {
	const idle, full = 10 << 20, 100 << 20
	c := collecting{least: idle}
	now := time.Unix(1_700_000_000, 0)
	look := func(heap, clients int64, gain int64) (collected bool) {
		now = now.Add(collectEvery)
		if collected = c.due(now, heap, clients); collected {
			c.done(now, heap, heap-gain)
		}
		return collected
	}
	if look(idle+collectAbove-1, 0, 0) {
		t.Error("a small heap is collected")
	}
	if !look(full, 80<<20, 0) {
		t.Error("a large heap is not collected")
	}
	collections := 0
	for range time.Minute / collectEvery {
		if look(full, 80<<20, 0) {
			collections++
		}
	}
	if collections < 3 || collections > 8 {
		t.Errorf("%d collections of what clients hold in a minute", collections)
	}
	if !look(full, 20<<20, 60<<20) {
		t.Error("what clients have left behind stays")
	}
	if look(full-60<<20, 20<<20, 0) {
		t.Error("it is collected again at once")
	}
	for range restMost / collectEvery {
		if look(idle+collectAbove-1, 0, 0) {
			t.Error("a small heap is collected")
		}
	}
}
