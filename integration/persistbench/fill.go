package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// fillBatch is how many SETs are sent at once.
const fillBatch = 100

// fill sets n keys, whose numbers key tells, one batch after the other.
func fill(ctx context.Context, s *harness.Server, v *values, n int, key func(i int) int) error {
	c, err := harness.Dial(ctx, "tcp", s.TCP)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	// Two batches are under way, so that the server never waits for this side.
	pending := 0
	receive := func() error {
		want := strings.Repeat("+OK\r\n", pending)
		got := make([]byte, len(want))
		pending = 0
		if err := c.ReadFull(got); err != nil {
			return err
		}
		if string(got) != want {
			return fmt.Errorf("%s: SET replies %.60q", s.Name, got)
		}
		return nil
	}
	var request []byte
	for i := 0; i < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		request = request[:0]
		batch := min(fillBatch, n-i)
		for range batch {
			request = v.appendSet(request, key(i))
			i++
		}
		if _, err := c.Write(request); err != nil {
			return err
		}
		if err := receive(); err != nil { // of the batch before
			return err
		}
		pending = batch
	}
	return receive()
}

// fillAll sets every key once and makes sure that they are all there.
func (b *bench) fillAll(ctx context.Context, s *harness.Server, v *values) error {
	b.say("%s: setting %d keys", s.Name, b.keys)
	if err := fill(ctx, s, v, b.keys, func(i int) int { return i }); err != nil {
		return err
	}
	return b.checkSize(ctx, s)
}

func (b *bench) checkSize(ctx context.Context, s *harness.Server) error {
	got, err := ask(ctx, s, "DBSIZE")
	if want := fmt.Sprintf(":%d\r\n", b.keys); err == nil && got != want {
		err = fmt.Errorf("%s: DBSIZE is %q, not %q", s.Name, got, want)
	}
	return err
}

// ask sends one command over a connection of its own.
func ask(ctx context.Context, s *harness.Server, args ...string) (string, error) {
	c, err := harness.Dial(ctx, "tcp", s.TCP)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	return c.Do(args...)
}
