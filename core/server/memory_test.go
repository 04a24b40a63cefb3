package server

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// allocations counts what f allocates in the whole process.
func allocations(f func()) (objects, bytes uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc
}

// A request on an open connection allocates nothing, neither here nor in the
// runtime.
func TestRequestsDoNotAllocate(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	// The first byte of each pipeline comes with the one before: so the
	// connection keeps its workspace, which a pool may drop as it likes.
	request := []byte(strings.Repeat("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", 10)[1:] + "*")
	reply := make([]byte, len(strings.Repeat("$1\r\nv\r\n", 10)))
	p.do("SET k v", "+OK\r\n")
	p.send("*")
	round := func() {
		if _, err := p.Write(request); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(p.r, reply); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		round()
	}
	const n = 1000
	objects, _ := allocations(func() {
		for range n {
			round()
		}
	})
	// The runtime needs a few.
	if objects > n/10 {
		t.Errorf("%d allocations for %d pipelines", objects, n)
	}
}

// What an open connection costs while it is idle.
func TestIdleConnectionsAreSmall(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	const n = 200
	heap := func() uint64 {
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	f.dial(l).do("PING", "+PONG\r\n")
	before := heap()
	for range n {
		p := f.dial(l)
		p.send("PING\r\n")
		p.r.Reset(p.Conn)
		var b [7]byte
		if _, err := io.ReadFull(p.Conn, b[:]); err != nil || string(b[:]) != "+PONG\r\n" {
			t.Fatalf("%q, %v", b, err)
		}
	}
	f.until("they are idle", func() bool { return heap() < before+n*32<<10 })
}
