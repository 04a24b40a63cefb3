package main

import (
	"context"
	"fmt"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/measure"
)

// measureWrites compares the cpu of SETs that overwrite, without a backend and
// with one that does nothing at the time, but may keep track of changes.
func (b *bench) measureWrites(ctx context.Context) error {
	b.print("\nServer cpu per SET that overwrites, in pipelines of %d, µs; the backend is idle, after a first snapshot.\n\n%-24s%10s%8s\n",
		fillBatch, "", "median", "ratio")
	all := append([]variant{{name: "none", peer: "no"}}, variants...)
	var servers []*harness.Server
	content := newValues(text, b.value)
	for _, v := range all {
		if v.name != "none" && !chosen(b.variants, v.name) {
			continue
		}
		dir, err := b.freshDir(v.name)
		if err != nil {
			return err
		}
		s, err := b.filled(ctx, func() (*harness.Server, error) { return b.startOurs(ctx, v, dir) }, content)
		if err != nil {
			return err
		}
		defer func() { _ = s.Kill() }() // only its temporary directory could remain
		s.Name = v.name
		if v.name != "none" {
			if _, err := bgsave(ctx, s); err != nil {
				return err
			}
		}
		servers = append(servers, s)
	}
	cpu := make([][]float64, len(servers))
	for range b.rounds {
		for i, s := range servers {
			us, err := b.setCPU(ctx, s, content)
			if err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			b.say("%s: %.3f µs per SET", s.Name, us)
			cpu[i] = append(cpu[i], us)
		}
	}
	for i, s := range servers {
		b.print("%-24s%10.3f%8.2f\n", s.Name, measure.Median(cpu[i]), measure.Median(measure.Ratios(cpu[i], cpu[0])))
	}
	return nil
}

// setCPU is the server's cpu per SET of a random key, in µs.
func (b *bench) setCPU(ctx context.Context, s *harness.Server, content *values) (float64, error) {
	before, err := s.CPU()
	if err != nil {
		return 0, err
	}
	if err := fill(ctx, s, content, b.keys, func(int) int { return content.below(b.keys) }); err != nil {
		return 0, err
	}
	after, err := s.CPU()
	return float64((after - before).Microseconds()) / float64(b.keys), err
}
