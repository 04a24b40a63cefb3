package buffer_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/buffer/buffertest"
)

// A list keeps its values as it grows from the heap to the pool's memory, and
// gives that back at once.
func TestList(t *testing.T) {
	for name, p := range map[string]*buffer.Pool{"pool": buffertest.New(t), "heap": nil} {
		t.Run(name, func(t *testing.T) {
			var l buffer.List[uint32]
			for range 2 {
				for i := range uint32(100_000) {
					if i == 50_000 {
						l.Room(p, 40_000)
					}
					l.Add(p, i)
				}
				for i, v := range l.All {
					if v != uint32(i) {
						t.Fatalf("value %d is %d", i, v)
					}
				}
				if l.Pooled() != (p != nil) || l.Held() < 400_000 {
					t.Errorf("pooled %v, %d bytes", l.Pooled(), l.Held())
				}
				if p != nil && p.Held() != int64(l.Held()) {
					t.Errorf("the pool has lent %d bytes, the list holds %d", p.Held(), l.Held())
				}
				l.Clear(p)
				if len(l.All) != 0 || p != nil && p.Held() != 0 {
					t.Errorf("%d values are left", len(l.All))
				}
			}
		})
	}
}

func TestShortListsStayInTheHeap(t *testing.T) {
	p := buffertest.New(t)
	var l buffer.List[uint64]
	for i := range uint64(buffer.InHeap / 8) {
		l.Add(p, i)
	}
	l.Clear(p)
	if l.Pooled() || p.Held() != 0 || cap(l.All) == 0 {
		t.Errorf("pooled %v, room for %d", l.Pooled(), cap(l.All))
	}
	if n := testing.AllocsPerRun(10, func() { l.Add(p, 1); l.Clear(p) }); n > 0 {
		t.Errorf("%v allocations in room that there is", n)
	}
}
