package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Pacer sends requests at a fixed rate, whether or not the ones before were
// answered, and takes each request's time from the moment when it was due: a
// server that pauses gets all the load of the pause, and every request that had
// to wait counts.
//
// It is one thread, and for one goroutine at a time. Requests are due in ticks, so that it need not wake for
// each of them, and spread over connections that pipeline only when the server
// is behind.
type Pacer struct {
	// Latency has the times of the last run.
	Latency Latencies
	// Odd is told the first line, without its end, of a reply that is an error or
	// a null where something else was due; nil: such a reply ends the run.
	Odd func(line string)

	epoll   int
	conns   []paced
	request Request
	perSec  int
	buf     []byte
	events  []unix.EpollEvent
	sent    int64 // requests in this run, which is also the next one's number
}

// Request appends a request to b and says what is to come back.
type Request func(b []byte) ([]byte, Reply)

// Reply is what a request is answered with.
type Reply struct {
	Size  int // bytes
	First byte
}

// BulkSize is how many bytes a bulk string of n takes.
func BulkSize(n int) int { return len(fmt.Sprintf("$%d\r\n\r\n", n)) + n }

// paced is one connection.
type paced struct {
	fd      int
	out     []byte // not sent yet
	waiting []reply
	got     int    // bytes of the first reply
	head    []byte // of the first reply, until it is known to be the right one
}

// reply is one that is awaited.
type reply struct {
	Reply
	due time.Duration // since the begin of the run
}

const (
	pacedConnections = 50
	tick             = 500 * time.Microsecond
	// patience is how long the last replies may take.
	patience = 30 * time.Second
)

// NewPacer connects. perSec is the number of requests per second.
func NewPacer(addr string, perSec int, request Request) (*Pacer, error) {
	p := &Pacer{epoll: -1, request: request, perSec: perSec, buf: make([]byte, 256<<10), events: make([]unix.EpollEvent, pacedConnections)}
	if err := p.open(addr); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Pacer) open(addr string) (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	for i := range pacedConnections {
		fd, err := Connect("tcp", addr)
		if err != nil {
			return err
		}
		p.conns = append(p.conns, paced{fd: fd})
		if err := unix.SetNonblock(fd, true); err != nil {
			return fmt.Errorf("socket: %w", err)
		}
		event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)} // the connection's index
		if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
			return fmt.Errorf("epoll: %w", err)
		}
	}
	return nil
}

// Greet sends something on every connection before the first run, and fails
// unless it is answered with reply.
func (p *Pacer) Greet(request []byte, reply string) error {
	for _, c := range p.conns {
		if _, err := unix.Write(c.fd, request); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		for got := ""; got != reply; {
			if !strings.HasPrefix(reply, got) {
				return fmt.Errorf("unexpected reply %.80q", got)
			}
			ready := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}
			if n, err := unix.Poll(ready, int(patience.Milliseconds())); err != nil && !errors.Is(err, unix.EINTR) {
				return fmt.Errorf("poll: %w", err)
			} else if n == 0 {
				return fmt.Errorf("requests were not answered within %s", patience)
			}
			n, err := unix.Read(c.fd, p.buf[:len(reply)-len(got)])
			switch {
			case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			case err != nil:
				return fmt.Errorf("read: %w", err)
			case n == 0:
				return errors.New("read: the server closed the connection")
			default:
				got += string(p.buf[:n])
			}
		}
	}
	return nil
}

// Close ends the connections.
func (p *Pacer) Close() {
	for _, c := range p.conns {
		_ = unix.Close(c.fd)
	}
	if p.epoll >= 0 {
		_ = unix.Close(p.epoll)
	}
}

// RunFor is Run for a while.
func (p *Pacer) RunFor(ctx context.Context, d time.Duration) error {
	timed, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return p.Run(ctx, timed.Done())
}

// Run sends until stop is closed and then waits for all replies.
func (p *Pacer) Run(ctx context.Context, stop <-chan struct{}) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.Latency.Reset()
	p.sent = 0
	begin := time.Now()
	ended := time.Duration(0)
	for next := time.Duration(0); ; {
		now := time.Since(begin)
		select {
		case <-stop:
			if ended == 0 {
				ended = now
			}
		default:
		}
		for ; next <= now && ended == 0; next += tick {
			p.addTick(next)
		}
		if err := p.flush(); err != nil {
			return err
		}
		if ended > 0 && (p.idle() || now > ended+patience) {
			if !p.idle() {
				return fmt.Errorf("requests were not answered within %s", patience)
			}
			return nil
		}
		if err := errors.Join(ctx.Err(), p.wait(next-now), p.receive(begin)); err != nil {
			return err
		}
	}
}

// addTick appends the requests that are due at a tick.
func (p *Pacer) addTick(due time.Duration) {
	last := int64(float64(p.perSec) * (due + tick).Seconds())
	for ; p.sent < last; p.sent++ {
		c := &p.conns[p.sent%pacedConnections]
		out, r := p.request(c.out)
		c.out, c.waiting = out, append(c.waiting, reply{r, due})
	}
}

func (p *Pacer) flush() error {
	for i := range p.conns {
		c := &p.conns[i]
		if len(c.out) == 0 {
			continue
		}
		n, err := unix.Write(c.fd, c.out)
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("write: %w", err)
		}
		rest := copy(c.out, c.out[max(n, 0):])
		c.out = c.out[:rest]
	}
	return nil
}

func (p *Pacer) idle() bool {
	for i := range p.conns {
		if len(p.conns[i].waiting) > 0 {
			return false
		}
	}
	return true
}

// wait returns when a reply has arrived or after d. Polling the epoll itself
// waits for less than the millisecond that epoll counts in.
func (p *Pacer) wait(d time.Duration) error {
	ts := unix.NsecToTimespec(int64(max(d, 0)))
	_, err := unix.Ppoll([]unix.PollFd{{Fd: int32(p.epoll), Events: unix.POLLIN}}, &ts, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("poll: %w", err)
	}
	return nil
}

func (p *Pacer) receive(begin time.Time) error {
	n, err := unix.EpollWait(p.epoll, p.events, 0)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, event := range p.events[:max(n, 0)] {
		c := &p.conns[event.Fd]
		n, err := unix.Read(c.fd, p.buf)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if n == 0 {
			return errors.New("read: the server closed the connection")
		}
		if err := p.take(c, p.buf[:n], time.Since(begin)); err != nil {
			return err
		}
	}
	return nil
}

// take counts the replies in what a connection has read.
func (p *Pacer) take(c *paced, read []byte, now time.Duration) error {
	for len(read) > 0 {
		if len(c.waiting) == 0 {
			return fmt.Errorf("unexpected reply %.80q", read)
		}
		r := c.waiting[0]
		if c.got < 2 {
			// The first two bytes tell an error and a null from what is due.
			c.head = append(c.head, read[0])
			c.got, read = c.got+1, read[1:]
			if c.got < 2 {
				continue
			}
		}
		if c.head[0] != r.First || c.head[1] == '-' {
			line, rest, whole := bytes.Cut(read, []byte("\n"))
			c.head, read = append(c.head, line...), rest
			if !whole {
				return nil
			}
			if p.Odd == nil {
				return fmt.Errorf("unexpected reply %.80q", c.head)
			}
			p.Odd(strings.TrimSuffix(string(c.head), "\r"))
		} else {
			n := min(r.Size-c.got, len(read))
			c.got, read = c.got+n, read[n:]
			if c.got < r.Size {
				return nil
			}
		}
		p.Latency.Add(now - r.due)
		c.waiting = c.waiting[:copy(c.waiting, c.waiting[1:])]
		c.got, c.head = 0, c.head[:0]
	}
	return nil
}
