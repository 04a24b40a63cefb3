package server

import (
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/core/command"
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
	const n = 900
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

// What an open connection costs while it is idle, whatever it has done before, is
// about what the accounts say.
func TestIdleConnectionsAreSmall(t *testing.T) {
	for name, c := range map[string]struct {
		says, reply string
		more        int64 // bytes
	}{
		"silent":         {},
		"has spoken":     {says: "SET k v\r\n", reply: "+OK\r\n"},
		"half a request": {says: "*2", more: 1 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			port := f.listen().Addr().(*net.TCPAddr).Port
			held := func() int64 {
				runtime.GC()
				runtime.GC() // what pools hold goes with the second
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				return int64(m.HeapInuse+m.StackInuse) + f.shared.Buffers.Held()
			}
			talk(t, port, c.says, c.reply)
			f.until("it is parked", func() bool { return f.parked() == 1 })
			before := held()
			const n = 900
			for range n {
				talk(t, port, c.says, c.reply)
			}
			f.until("they are idle", func() bool { return f.parked() == n+1 })
			// A build with the race detector takes up to half as much again; one
			// goroutine for each would take three times as much.
			most := command.IdleClient*3/2 + c.more
			f.until("they are small", func() bool { return held() < before+n*most })
		})
	}
}

// talk opens a connection whose other end takes nothing of the Go heap.
func talk(t *testing.T, port int, says, reply string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	wait := unix.Timeval{Sec: int64(patience / time.Second)}
	err = errors.Join(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(fd, []byte(says)); err != nil {
		t.Fatal(err)
	}
	if reply == "" {
		return
	}
	got := make([]byte, len(reply))
	if n, err := unix.Read(fd, got); err != nil || string(got[:n]) != reply {
		t.Fatalf("got %q, %v; want %q", got[:max(n, 0)], err, reply)
	}
}
