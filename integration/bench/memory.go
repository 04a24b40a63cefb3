package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// preloadConnections are few, since what counts is that the server is filled
// soon, not how.
const (
	preloadConnections = 8
	preloadPipeline    = 30
)

// preload sets every key once and makes sure that they are all there.
func preload(ctx context.Context, t target, value, keys int) error {
	g, err := newBuiltin(t, load{set: true, pipeline: preloadPipeline, value: value, keys: keys}, preloadConnections)
	if err != nil {
		return err
	}
	defer g.close()
	if err := g.preload(ctx); err != nil {
		return err
	}
	return checkSize(ctx, t, keys)
}

// measureMemory fills fresh servers, one at a time, and takes what their
// resident memory grew by, less the bytes of keys and values.
func (b *bench) measureMemory(ctx context.Context) error {
	for _, value := range []int{32, 256} {
		var perKey []float64
		for _, start := range b.servers {
			bytes, err := b.overhead(ctx, start, value)
			if err != nil {
				return fmt.Errorf("memory, %d-byte values: %w", value, err)
			}
			perKey = append(perKey, bytes)
		}
		b.table.addMemory(fmt.Sprintf("memory, %d keys, %d-byte values", b.memoryKeys, value), perKey[0], perKey[1])
	}
	return nil
}

func (b *bench) overhead(ctx context.Context, start startFunc, value int) (bytesPerKey float64, err error) {
	s, err := start(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	empty, err := s.RSS()
	if err != nil {
		return 0, err
	}
	if err := preload(ctx, b.target(s), value, b.memoryKeys); err != nil {
		return 0, fmt.Errorf("%s: %w", s.Name, err)
	}
	full, err := s.RSS()
	if err != nil {
		return 0, err
	}
	payload := int64(b.memoryKeys) * int64(keyBytes+value)
	bytesPerKey = float64(full-empty-payload) / float64(b.memoryKeys)
	b.say("memory, %d-byte values, %s: %.1f bytes per key beyond payload", value, s.Name, bytesPerKey)
	return bytesPerKey, nil
}

// checkSize compares DBSIZE with the number of keys that were set.
func checkSize(ctx context.Context, t target, keys int) error {
	c, err := harness.Dial(ctx, t.network, t.addr)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	got, err := c.Do("DBSIZE")
	if err != nil {
		return fmt.Errorf("DBSIZE: %w", err)
	}
	if want := fmt.Sprintf(":%d\r\n", keys); got != want {
		return fmt.Errorf("DBSIZE after preloading is %q, not %q", got, want)
	}
	return nil
}

func build(ctx context.Context) (binary string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) } // a temporary directory
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if binary, err = harness.Build(ctx, dir); err != nil {
		remove()
		return "", nil, err
	}
	return binary, remove, nil
}
