package main

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

// counts is what writers have done.
type counts struct {
	requests int64
	payload  int64 // bytes of keys and values sent
	refused  int64 // replies that say that memory is full
	elapsed  time.Duration
}

// A batch has at most so many requests, and ends at so many bytes.
const (
	batchRequests = 32
	batchBytes    = 64 << 10
)

// write runs every stream on a connection of its own until they have sent as
// much payload, or as many requests, as they are told.
func write(ctx context.Context, addr string, streams []*stream, payload, requests int64) (counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu    sync.Mutex
		total counts
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
			total.requests += c.requests
			total.payload += c.payload
			total.refused += c.refused
			if err != nil && all == nil {
				all = err
				cancel()
			}
		})
	}
	done.Wait()
	total.elapsed = time.Since(begin)
	return total, all
}

// run sends batch after batch, each once the one before is answered.
func (s *stream) run(ctx context.Context, addr string, payload, requests int64) (counts, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return counts{}, err
	}
	defer func() { _ = conn.Close() }() // nothing is lost with it
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var c counts
	var batch []byte
	r := bufio.NewReader(conn)
	before := s.payload
	for c.requests < requests || s.payload-before < payload {
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
		c.requests += int64(n)
		c.refused += refused
	}
	c.payload = s.payload - before
	return c, nil
}

// replies reads n replies of one line each and counts those that say that
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
