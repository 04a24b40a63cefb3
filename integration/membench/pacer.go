package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// pacer sends GETs at a fixed rate, whether or not the ones before are
// answered: a server that pauses gets all the load of the pause, and each
// request that had to wait counts.
type pacer struct {
	interval time.Duration
	prefix   string
	keys     int
	reply    int // bytes
	conns    []net.Conn
	random   *rand.Rand
}

// times are those from sending a request to its reply.
type times struct {
	p50, p99, longest time.Duration
}

func (t times) String() string {
	return fmt.Sprintf("%.2f / %.2f / %.2f ms", millis(t.p50), millis(t.p99), millis(t.longest))
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pacedConnections share the load, as clients do.
const pacedConnections = 16

// newPacer reads the keys prefix0 to prefix(keys-1), whose values have the
// given size.
func newPacer(ctx context.Context, addr string, rate int, prefix string, keys, value int) (*pacer, error) {
	p := &pacer{
		interval: time.Second / time.Duration(rate), prefix: prefix, keys: keys,
		reply: len(fmt.Sprintf("$%d\r\n\r\n", value)) + value, random: rand.New(rand.NewPCG(8, 9)),
	}
	var d net.Dialer
	for range pacedConnections {
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			p.close()
			return nil, err
		}
		p.conns = append(p.conns, c)
	}
	return p, nil
}

func (p *pacer) close() {
	for _, c := range p.conns {
		_ = c.Close() // nothing is lost with it
	}
}

// run sends for a while and waits for all replies.
func (p *pacer) run(ctx context.Context, duration time.Duration) (times, error) {
	lanes := make([]chan time.Time, len(p.conns))
	took := make([][]time.Duration, len(p.conns))
	errs := make([]error, len(p.conns)+1)
	var readers sync.WaitGroup
	n := max(int(duration/p.interval), 1)
	end := time.Now().Add(duration + 30*time.Second)
	for i, c := range p.conns {
		if err := c.SetDeadline(end); err != nil {
			return times{}, err
		}
		lanes[i] = make(chan time.Time, n/len(p.conns)+1) // never full: the sender does not wait
		readers.Go(func() { took[i], errs[i] = p.receive(c, lanes[i]) })
	}
	errs[len(p.conns)] = p.send(ctx, lanes, n, duration)
	for _, l := range lanes {
		close(l)
	}
	readers.Wait()
	all := slices.Concat(took...)
	if err := errors.Join(errs...); err != nil || len(all) == 0 {
		return times{}, errors.Join(err, ctx.Err())
	}
	slices.Sort(all)
	return times{all[len(all)/2], all[len(all)*99/100], all[len(all)-1]}, nil
}

// send keeps to the schedule by sleeping in the kernel, which is finer than
// the timers of the Go runtime. When it was held up itself it goes on from
// there, and sends fewer: that is no fault of the server.
func (p *pacer) send(ctx context.Context, lanes []chan time.Time, n int, duration time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var request []byte
	due := time.Now()
	begin := due
	for i := 0; i < n && time.Since(begin) < duration; i++ {
		if wait := time.Until(due); wait > 0 {
			ts := unix.NsecToTimespec(int64(wait))
			_ = unix.Nanosleep(&ts, nil) // cut short it is only early
		} else if wait < -time.Millisecond {
			due = time.Now()
		}
		due = due.Add(p.interval)
		if i%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := fmt.Appendf(nil, "%s%d", p.prefix, p.random.IntN(p.keys))
		request = fmt.Appendf(request[:0], "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", len(key), key)
		at := i % len(p.conns)
		lanes[at] <- time.Now()
		if _, err := p.conns[at].Write(request); err != nil {
			return err
		}
	}
	return nil
}

func (p *pacer) receive(c net.Conn, lane chan time.Time) (took []time.Duration, err error) {
	r, reply := bufio.NewReader(c), make([]byte, p.reply)
	for sent := range lane {
		if _, err := io.ReadFull(r, reply); err != nil {
			return took, err
		}
		if reply[0] != '$' || reply[1] == '-' {
			return took, fmt.Errorf("unexpected reply %.80q", reply)
		}
		took = append(took, time.Since(sent))
	}
	return took, nil
}
