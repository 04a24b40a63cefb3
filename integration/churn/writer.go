package churn

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// Counts is what writers have done.
type Counts struct {
	Requests int64
	Payload  int64 // bytes of keys and values sent
	Refused  int64 // replies that say that memory is full
	Elapsed  time.Duration
}

// A batch has at most so many requests, and ends at so many bytes.
const (
	batchRequests = 32
	batchBytes    = 64 << 10
)

// Write runs every stream on a TCP connection of its own until they have sent
// as much payload, or as many requests, as they are told.
func Write(ctx context.Context, addr string, streams []*Stream, payload, requests int64) (Counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu    sync.Mutex
		total Counts
		all   error
		done  sync.WaitGroup
	)
	begin := time.Now()
	n := int64(len(streams))
	for _, s := range streams {
		done.Go(func() {
			c, err := s.run(ctx, addr, payload/n, requests/n)
			mu.Lock()
			defer mu.Unlock()
			total.Requests += c.Requests
			total.Payload += c.Payload
			total.Refused += c.Refused
			if err != nil && all == nil {
				all = err
				cancel()
			}
		})
	}
	done.Wait()
	total.Elapsed = time.Since(begin)
	return total, all
}

// run sends batch after batch, each once the one before is answered.
func (s *Stream) run(ctx context.Context, addr string, payload, requests int64) (Counts, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return Counts{}, err
	}
	defer func() { _ = conn.Close() }() // nothing is lost with it
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var c Counts
	var batch []byte
	r := bufio.NewReader(conn)
	before := s.payload
	for c.Requests < requests || s.payload-before < payload {
		batch = batch[:0]
		n := 0
		for n < batchRequests && len(batch) < batchBytes {
			var more int
			batch, more = s.append(batch)
			n += more
		}
		if err := conn.SetDeadline(time.Now().Add(harness.ConnTimeout)); err != nil {
			return c, err
		}
		if _, err := conn.Write(batch); err != nil {
			return c, errors.Join(ctx.Err(), err)
		}
		refused, err := replies(r, n)
		if err != nil {
			return c, errors.Join(ctx.Err(), err)
		}
		c.Requests += int64(n)
		c.Refused += refused
	}
	c.Payload = s.payload - before
	return c, nil
}

// replies reads n replies of one line each and Counts those that say that
// memory is full.
func replies(r *bufio.Reader, n int) (refused int64, err error) {
	for range n {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return refused, errors.New("the server closed the connection")
		case err != nil:
			return refused, err
		case bytes.HasPrefix(line, []byte("-OOM ")):
			refused++
		case line[0] != '+' && line[0] != ':':
			return refused, fmt.Errorf("unexpected reply %.80q", line)
		}
	}
	return refused, nil
}
