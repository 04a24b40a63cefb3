package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// The scenarios about hashes: what small ones take, and how long the longest
// reply takes while one of them grows large.
const (
	hashScenario   = "hashes"
	growthScenario = "hash-growth"
)

const (
	smallFields = 10 // of each hash in the memory scenario
	fieldBytes  = 8  // of each value
	hashBatch   = 100
	// warmHashes are set before memory is measured, so that what a server takes
	// at its first use, whatever it then holds, is not counted.
	warmHashes = 10_000
)

func (b *bench) measureHashes(ctx context.Context) error {
	if b.wants(hashScenario) {
		if err := b.compareHashes(ctx, fmt.Sprintf("memory, %d more hashes of %d fields", b.hashes, smallFields),
			"bytes per hash", "%.1f", b.hashMemory); err != nil {
			return err
		}
	}
	if !b.wants(growthScenario) {
		return nil
	}
	return b.compareHashes(ctx, fmt.Sprintf("one hash growing to %d fields", b.fields), "longest HSET of the best round, ms", "%.3f", b.hashGrowth)
}

// compareHashes takes one figure of fresh servers, one at a time.
func (b *bench) compareHashes(ctx context.Context, title, unit, format string, figure func(context.Context, *harness.Server, *harness.Conn) (float64, error)) error {
	var figures []float64
	for _, start := range b.servers {
		v, err := b.freshServer(ctx, start, figure)
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
		figures = append(figures, v)
	}
	b.table.rows = append(b.table.rows, row{title, unit, format, figures[:1], figures[1:]})
	return nil
}

func (b *bench) freshServer(ctx context.Context, start startFunc, figure func(context.Context, *harness.Server, *harness.Conn) (float64, error)) (float64, error) {
	s, err := start(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	t := b.target(s)
	c, err := harness.Dial(ctx, t.network, t.addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	v, err := figure(ctx, s, c)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.Name, err)
	}
	return v, nil
}

// hashMemory is what the server's resident memory grows by for each hash,
// whose fields are named "field:0" and so on.
func (b *bench) hashMemory(ctx context.Context, s *harness.Server, c *harness.Conn) (float64, error) {
	if err := addHashes(ctx, c, 0, warmHashes); err != nil {
		return 0, err
	}
	empty, err := s.RSS()
	if err != nil {
		return 0, err
	}
	if err := addHashes(ctx, c, warmHashes, warmHashes+b.hashes); err != nil {
		return 0, err
	}
	if err := checkSize(ctx, b.target(s), warmHashes+b.hashes); err != nil {
		return 0, err
	}
	full, err := s.RSS()
	if err != nil {
		return 0, err
	}
	perHash := float64(full-empty) / float64(b.hashes)
	b.say("memory, %s: %.1f bytes per hash", s.Name, perHash)
	return perHash, nil
}

// addHashes sets the hashes from to end-1.
func addHashes(ctx context.Context, c *harness.Conn, from, end int) error {
	for ; from < end; from += hashBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := setHashes(c, from, min(from+hashBatch, end)); err != nil {
			return err
		}
	}
	return nil
}

func setHashes(c *harness.Conn, from, end int) error {
	var request []byte
	for i := from; i < end; i++ {
		args := []string{"HSET", fmt.Sprintf("hash:%010d", i)}
		for j := range smallFields {
			args = append(args, fmt.Sprintf("field:%d", j), fmt.Sprintf("%0*d", fieldBytes, i))
		}
		request = harness.AppendCommand(request, args...)
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	want := strings.Repeat(fmt.Sprintf(":%d\r\n", smallFields), end-from)
	replies := make([]byte, len(want))
	if err := c.ReadFull(replies); err != nil {
		return err
	}
	if string(replies) != want {
		return fmt.Errorf("HSET replies %.40q", replies)
	}
	return nil
}

// hashGrowth grows one hash in each round and returns the longest time from
// request to reply in ms, of the round where that is shortest: other work on
// the machine only makes it longer.
func (b *bench) hashGrowth(ctx context.Context, s *harness.Server, c *harness.Conn) (float64, error) {
	least := time.Duration(math.MaxInt64)
	for round := range b.rounds {
		longest, err := b.growHash(ctx, c, fmt.Sprintf("hash:%d", round))
		if err != nil {
			return 0, err
		}
		b.say("one hash, round %d, %s: longest HSET %s", round+1, s.Name, longest)
		least = min(least, longest)
	}
	return float64(least) / float64(time.Millisecond), nil
}

// growHash adds field after field, each once the reply to the one before is
// there.
func (b *bench) growHash(ctx context.Context, c *harness.Conn, key string) (longest time.Duration, err error) {
	var request []byte
	for i := range b.fields {
		if i%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		request = harness.AppendCommand(request[:0], "HSET", key, fmt.Sprintf("field:%d", i), "12345678")
		start := time.Now()
		if _, err := c.Write(request); err != nil {
			return 0, err
		}
		reply, err := c.Reply()
		longest = max(longest, time.Since(start))
		if err != nil {
			return 0, err
		}
		if reply != ":1\r\n" {
			return 0, fmt.Errorf("HSET number %d replies %q", i, reply)
		}
	}
	return longest, nil
}
