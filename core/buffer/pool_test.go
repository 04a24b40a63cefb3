package buffer_test

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/buffer/buffertest"
)

// Every buffer has the room that was asked for, and what is held is what was
// handed out, to the byte.
func TestCapacity(t *testing.T) {
	p := buffertest.New(t)
	for _, n := range []int{0, 1, 511, 512, 513, 4096, 40_000, 65_536, 65_537, 100_000, 3 << 20} {
		b := p.Get(n)
		if len(b) != 0 || cap(b) < n || cap(b) != buffer.Capacity(n) || p.Held() != int64(cap(b)) {
			t.Errorf("Get(%d): length %d, room %d, want %d; held %d", n, len(b), cap(b), buffer.Capacity(n), p.Held())
		}
		if p.Put(b); p.Held() != 0 {
			t.Errorf("held after Put of %d: %d", n, p.Held())
		}
	}
}

func TestGrowKeepsWhatIsThere(t *testing.T) {
	p := buffertest.New(t)
	b := p.Get(1)
	var want []byte
	for n := 1; n < 5<<20; n = n*3 + 1 {
		b = p.Grow(b, n)
		for len(b) < n {
			b = append(b, byte(len(b)*7))
			want = append(want, byte(len(want)*7))
		}
		if !bytes.Equal(b, want) || p.Held() != int64(cap(b)) {
			t.Fatalf("at %d bytes something else is there, or %d held of %d", n, p.Held(), cap(b))
		}
	}
	if cap(b) > len(b)+len(b)/2+buffer.ChunkSize {
		t.Errorf("room for %d bytes where %d are wanted", cap(b), len(b))
	}
	if p.Put(b); p.Held() != 0 {
		t.Errorf("%d held", p.Held())
	}
}

// Goroutines that get, fill, pass on and put back buffers of all sizes never
// see each other's bytes, and nothing is held in the end but what is kept warm.
func TestBuffersAreNobodyElses(t *testing.T) {
	p := buffertest.New(t)
	type filled struct {
		b    []byte
		with byte
	}
	passed := make(chan filled, 64)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for range 5000 {
				n := 1 + r.IntN(1<<r.IntN(18))
				f := filled{p.Get(n), byte(r.Uint32())}
				f.b = append(f.b, bytes.Repeat([]byte{f.with}, n)...)
				select {
				case passed <- f:
					continue
				default:
				}
				for _, f := range []filled{f, <-passed} {
					if len(bytes.Trim(f.b, string([]byte{f.with}))) != 0 {
						t.Errorf("a buffer of %d bytes was written to", len(f.b))
					}
					p.Put(f.b)
				}
			}
		})
	}
	wg.Wait()
	close(passed)
	for f := range passed {
		p.Put(f.b)
	}
	if p.Held() != 0 || p.Idle() > 1<<20 {
		t.Errorf("%d bytes held, %d idle", p.Held(), p.Idle())
	}
}

// A nil pool is the Go heap.
func TestNoPool(t *testing.T) {
	var p *buffer.Pool
	b := append(p.Get(3), "abc"...)
	if b = p.Grow(b, 100_000); string(b) != "abc" || cap(b) < 100_000 {
		t.Errorf("%q with room for %d bytes", b, cap(b))
	}
	p.Put(b)
}
