package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

const (
	changedShare = 100 // one key of so many
	incrementBar = 0.05
	// A server that writes nothing for so long is done with what a snapshot
	// caused in the background.
	settled = 2 * time.Second
)

func (b *bench) measureIncrements(ctx context.Context) error {
	b.print("\nBytes that a snapshot writes to disk, all that follows in the background counted:\nthe first, and %d after 1 %% of the keys changed each; MiB\n\n", b.rounds)
	b.print("%-24s%10s%10s%10s%8s%8s\n", "", "first", "median", "most", "ratio", "bar")
	for _, kind := range kinds {
		for _, v := range variants {
			if !v.incremental || !chosen(b.kinds, kind) || !chosen(b.variants, v.name) {
				continue
			}
			if err := b.incrementsOf(ctx, kind, v); err != nil {
				return fmt.Errorf("%s values, %s: %w", kind, v.name, err)
			}
		}
	}
	return nil
}

func (b *bench) incrementsOf(ctx context.Context, kind string, v variant) error {
	content := newValues(kind, b.value)
	dir, err := b.freshDir("ours")
	if err != nil {
		return err
	}
	s, err := b.filled(ctx, func() (*harness.Server, error) { return b.startOurs(ctx, v, dir) }, content)
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	first, err := writtenBy(ctx, s)
	if err != nil {
		return err
	}
	var later []float64
	for range b.rounds {
		if err := fill(ctx, s, content, b.keys/changedShare, func(int) int { return content.below(b.keys) }); err != nil {
			return err
		}
		n, err := writtenBy(ctx, s)
		if err != nil {
			return err
		}
		b.say("%s, %s: first snapshot wrote %d MiB, this one %.1f MiB", kind, v.name, first>>20, float64(n)/(1<<20))
		later = append(later, float64(n)/(1<<20))
	}
	whole := float64(first) / (1 << 20)
	slices.Sort(later)
	most := later[len(later)-1]
	b.print("%-24s%10.1f%10.1f%10.1f%8.3f%8.2f  %s\n", kind+", "+v.name, whole, later[len(later)/2], most, most/whole, incrementBar, verdict(most/whole <= incrementBar))
	return nil
}

// writtenBy is what the server writes to disk from a BGSAVE on until it has
// been quiet for a while.
func writtenBy(ctx context.Context, s *harness.Server) (int64, error) {
	before, err := s.DiskWrites()
	if err != nil {
		return 0, err
	}
	if _, err := bgsave(ctx, s); err != nil {
		return 0, err
	}
	poll := time.NewTicker(settled / 10)
	defer poll.Stop()
	last, quiet := before, time.Now()
	for {
		n, err := s.DiskWrites()
		if err != nil {
			return 0, err
		}
		if n != last {
			last, quiet = n, time.Now()
		}
		if time.Since(quiet) > settled {
			return last - before, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-poll.C:
		}
	}
}
