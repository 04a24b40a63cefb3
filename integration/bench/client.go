package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/integration/measure"
)

// target is where a server listens.
type target struct {
	network, addr string // "tcp" or "unix"
}

// result is what one measurement saw from the client's side.
type result struct {
	ops      int64
	elapsed  time.Duration
	p50, p99 time.Duration // round trip of one batch
}

// client is one connection with exactly one batch in flight.
type client struct {
	fd   int
	got  int // bytes of the current batch's replies
	sent time.Time
}

// builtin is a load generator that costs the machine as little as it can: one
// thread, requests encoded beforehand, replies counted and not parsed, and per
// batch one write, one read and a share of one epoll_wait.
type builtin struct {
	epoll   int
	clients []client
	batch   *batch
	keys    uint64
	random  rand.PCG
	buf     []byte
	events  []unix.EpollEvent
	latency measure.Latencies
}

func newBuiltin(t target, l load, connections int) (*builtin, error) {
	g := &builtin{
		epoll: -1, batch: newBatch(l), keys: uint64(l.keys), buf: make([]byte, 256<<10),
		events: make([]unix.EpollEvent, connections),
	}
	g.random.Seed(3, 4)
	if err := g.open(t, connections); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *builtin) open(t target, connections int) (err error) {
	if g.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	for i := range connections {
		fd, err := measure.Connect(t.network, t.addr)
		if err != nil {
			return err
		}
		g.clients = append(g.clients, client{fd: fd})
		event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)} // the client's index, not its descriptor
		if err := unix.EpollCtl(g.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
			return fmt.Errorf("epoll: %w", err)
		}
	}
	return nil
}

func (g *builtin) close() {
	for _, c := range g.clients {
		_ = unix.Close(c.fd)
	}
	if g.epoll >= 0 {
		_ = unix.Close(g.epoll)
	}
}

// run loads the server for the duration and returns what it saw.
func (g *builtin) run(ctx context.Context, duration time.Duration) (result, error) {
	start := time.Now()
	end := start.Add(duration)
	return g.drive(ctx, func(now time.Time) bool {
		if now.After(end) {
			return false
		}
		g.batch.randomise(&g.random, g.keys)
		return true
	})
}

// preload writes every key once.
func (g *builtin) preload(ctx context.Context) error {
	next := uint64(0)
	_, err := g.drive(ctx, func(time.Time) bool {
		if next >= g.keys {
			return false
		}
		g.batch.sequence(next, g.keys)
		next += uint64(len(g.batch.keys))
		return true
	})
	return err
}

// drive keeps every connection busy until fill, which prepares the batch for
// the next write, says that there is nothing more to send.
func (g *builtin) drive(ctx context.Context, fill func(now time.Time) bool) (result, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g.latency.Reset()
	start := time.Now()
	inFlight := 0
	for i := range g.clients {
		sent, err := g.send(&g.clients[i], start, fill)
		if err != nil {
			return result{}, err
		}
		if sent {
			inFlight++
		}
	}
	var r result
	for inFlight > 0 {
		n, err := unix.EpollWait(g.epoll, g.events, 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return result{}, fmt.Errorf("epoll: %w", err)
		}
		if ctx.Err() != nil {
			return result{}, ctx.Err()
		}
		for _, event := range g.events[:max(n, 0)] {
			c := &g.clients[event.Fd]
			done, err := g.receive(c)
			if err != nil {
				return result{}, err
			}
			if !done {
				continue
			}
			now := time.Now()
			g.latency.Add(now.Sub(c.sent))
			r.ops += int64(len(g.batch.keys))
			sent, err := g.send(c, now, fill)
			if err != nil {
				return result{}, err
			}
			if !sent {
				inFlight--
			}
		}
	}
	r.elapsed = time.Since(start)
	r.p50, r.p99 = g.latency.Quantile(0.50), g.latency.Quantile(0.99)
	return r, nil
}

// send writes the next batch. The socket blocks, which is harmless: the server
// owes this connection nothing at the time, so it reads.
func (g *builtin) send(c *client, now time.Time, fill func(time.Time) bool) (bool, error) {
	if !fill(now) {
		return false, nil
	}
	c.got, c.sent = 0, now
	for rest := g.batch.bytes; len(rest) > 0; {
		n, err := unix.Write(c.fd, rest)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return false, fmt.Errorf("write: %w", err)
		}
		rest = rest[max(n, 0):]
	}
	return true, nil
}

// receive reads what is there and says whether the batch is answered.
func (g *builtin) receive(c *client) (done bool, err error) {
	n, err := unix.Read(c.fd, g.buf)
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read: %w", err)
	}
	if n == 0 {
		return false, errors.New("read: the server closed the connection")
	}
	size := g.batch.replySize
	for at := (size - c.got%size) % size; at < n; at += size {
		if g.buf[at] != g.batch.replyKind {
			return false, fmt.Errorf("unexpected reply %.80q", g.buf[at:n])
		}
	}
	c.got += n
	total := size * len(g.batch.keys)
	if c.got > total {
		return false, fmt.Errorf("%d bytes of replies where %d were expected", c.got, total)
	}
	return c.got == total, nil
}
