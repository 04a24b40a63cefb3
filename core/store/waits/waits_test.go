package waits_test

import (
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store/waits"
)

func TestWaitsAreCountedByTheirLength(t *testing.T) {
	var c waits.Counter
	bounds := waits.Bounds()
	last := bounds[len(bounds)-1]
	for i, d := range bounds {
		if i > 0 && d <= bounds[i-1] {
			t.Fatalf("bound %v after %v", d, bounds[i-1])
		}
		c.Add(d)     // in its own bucket
		c.Add(d + 1) // in the next one
	}
	got := c.Read()
	for i, n := range got.Counts {
		want := int64(2)
		if i == 0 || i == len(bounds) {
			want = 1
		}
		if n != want {
			t.Errorf("bucket %d: %d, want %d", i, n, want)
		}
	}
	sum := time.Duration(len(bounds))
	for _, d := range bounds {
		sum += 2 * d
	}
	if got.Longest != last+1 || got.Sum != sum || got.Count() != int64(2*len(bounds)) {
		t.Errorf("%+v", got)
	}
}
