package sys_test

import (
	"sync"
	"testing"

	"github.com/redistill-go/redistill/core/sys"
)

// Readers without the lock see numbers that were there, in their order.
func TestCountIsReadWithoutTheLock(t *testing.T) {
	const most = 10_000
	var mu sync.Mutex
	var c sys.Count
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range most {
				mu.Lock()
				c.Add(1)
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for last := int64(0); last < 2*most; {
			n := c.Load()
			if n < last || n > 2*most {
				t.Errorf("%d after %d", n, last)
				return
			}
			last = n
		}
	})
	wg.Wait()
	if c.Store(7); c.Int() != 7 {
		t.Errorf("%d, stored 7", c.Load())
	}
}
