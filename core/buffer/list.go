package buffer

import "github.com/redistill-go/redistill/core/sys"

// List is a list of values without pointers, on the Go heap while it is short and
// in a pool's memory when it is long: there it is gone the moment it is let go of,
// and grows without leaving garbage. The zero List is empty.
//
// Growing moves the values: no slice of All may be kept across it.
type List[T any] struct {
	All  []T
	Heap int    // up to how many bytes it is on the Go heap; 0: InHeap
	buf  []byte // what All is in; nil: the Go heap
}

// InHeap is up to how many bytes a list is on the Go heap unless it says otherwise.
const InHeap = 4 << 10

// Room makes room for n more values.
func (l *List[T]) Room(p *Pool, n int) {
	if n <= cap(l.All)-len(l.All) {
		return
	}
	l.grow(p, len(l.All)+n)
}

// Add appends a value.
func (l *List[T]) Add(p *Pool, v T) {
	if len(l.All) == cap(l.All) {
		l.grow(p, len(l.All)+1)
	}
	l.All = append(l.All, v)
}

func (l *List[T]) heap() int {
	if l.Heap > 0 {
		return l.Heap
	}
	return InHeap
}

// grow makes room for n values in all.
func (l *List[T]) grow(p *Pool, n int) {
	had, size := len(l.All), sys.SizeOf[T]()
	if p == nil || n*size <= l.heap() {
		more := 2 * had
		if p != nil { // whose buffers grow by themselves
			more = min(more, l.heap()/size)
		}
		bigger := make([]T, had, max(n, more, 4))
		copy(bigger, l.All)
		l.All = bigger
		return
	}
	if l.buf != nil {
		l.buf = p.Grow(l.buf[:had*size], n*size)
		l.All = sys.View[T](l.buf)[:had]
		return
	}
	l.buf = p.Get(n * size)
	bigger := sys.View[T](l.buf)[:had]
	copy(bigger, l.All)
	l.All = bigger
}

// Held is how many bytes it takes.
func (l *List[T]) Held() int {
	if l.buf != nil {
		return cap(l.buf)
	}
	return cap(l.All) * sys.SizeOf[T]()
}

// Pooled says whether it is long, and in a pool's memory.
func (l *List[T]) Pooled() bool { return l.buf != nil }

// Clear empties the list. What was long is given back, what was short is kept.
func (l *List[T]) Clear(p *Pool) {
	if l.Held() <= l.heap() {
		l.All = l.All[:0]
		return
	}
	if l.buf != nil {
		p.Put(l.buf)
	}
	*l = List[T]{Heap: l.Heap}
}
