package arena

import (
	"context"
	"math"
	"testing"

	"github.com/redistill-go/redistill/core/sys"
)

func TestPopulateBacksSomePagesAhead(t *testing.T) {
	a := newArena(t, 1, 1<<30)
	ctx, cancel := context.WithCancel(t.Context())
	asked, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		a.Populate(ctx, func() int64 {
			asked <- struct{}{}
			return math.MaxInt64
		})
	}()
	// It asks before each, once to find that all are there, and once more each
	// time that the heap grew or a page was taken.
	for range aheadChunks + 2 {
		<-asked
	}
	r, err := a.Alloc(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	copy(a.Bytes(r, 5), "still")
	for range 2 {
		<-asked
	}
	cancel()
	<-ended
	checkHeap(t, a.heap)
	if want := int64(1+aheadChunks) * sys.HugePage; a.Resident() != want {
		t.Errorf("%d bytes are resident, want %d", a.Resident(), want)
	}
	if got := string(a.Bytes(r, 5)); got != "still" {
		t.Errorf("a block holds %q", got)
	}
}

func TestPagesAreClaimedWhereTheNextRunsComeFrom(t *testing.T) {
	a := newArena(t, 1, 1<<30)
	for i := range 40 {
		before := a.Resident()
		for {
			if _, ok := a.heap.claim(aheadChunks); !ok && len(a.heap.touched) == 0 {
				break
			}
			select {
			case <-a.heap.touched:
			default:
			}
		}
		if _, err := a.Alloc(0, sys.HugePage); err != nil {
			t.Fatal(err)
		}
		checkHeap(t, a.heap)
		if i > 0 && a.Resident()-before > aheadChunks*sys.HugePage {
			t.Fatalf("block %d: %d bytes more are resident", i, a.Resident()-before)
		}
		if used := a.Used(); a.Resident() > used+(aheadChunks+1)*sys.HugePage {
			t.Fatalf("block %d: %d bytes are resident for %d used", i, a.Resident(), used)
		}
	}
	if _, ok := a.heap.claim(0); ok {
		t.Error("memory is backed where there is no room for it")
	}
}
