package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// generator loads one server with one load.
type generator interface {
	run(ctx context.Context, duration time.Duration) (result, error)
	close()
}

// sample is one measurement of one server.
type sample struct {
	throughput float64 // operations per second
	cpu        float64 // server cpu per operation, µs
	p50, p99   float64 // round trip of a batch, ms
}

// startFunc starts a server under test.
type startFunc func(context.Context) (*harness.Server, error)

// bench is one run.
type bench struct {
	options
	servers  [2]startFunc // ours and the peer
	progress io.Writer
	table    table
}

func run(ctx context.Context, o options, out, progress io.Writer) error {
	binary := o.binary
	if binary == "" {
		built, remove, err := build(ctx)
		if err != nil {
			return err
		}
		defer remove()
		binary = built
	}
	b := &bench{options: o, progress: progress, servers: [2]startFunc{
		func(ctx context.Context) (*harness.Server, error) {
			return harness.StartRedistill(ctx, binary, harness.Options{Unix: o.unix, Set: o.set})
		},
		func(ctx context.Context) (*harness.Server, error) {
			return harness.StartRedis(ctx, harness.Options{Unix: o.unix})
		},
	}}
	return b.run(ctx, out)
}

func (b *bench) run(ctx context.Context, out io.Writer) error {
	if err := b.measureLoads(ctx); err != nil {
		return err
	}
	if b.wants(memoryScenario) {
		if err := b.measureMemory(ctx); err != nil {
			return err
		}
	}
	if err := b.measureHashes(ctx); err != nil {
		return err
	}
	return b.table.print(out, b.options)
}

func (b *bench) target(s *harness.Server) target {
	if b.unix {
		return target{"unix", s.Unix}
	}
	return target{"tcp", s.TCP}
}

// measureLoads runs every wanted load against both servers in turn.
func (b *bench) measureLoads(ctx context.Context) error {
	var wanted []load
	for _, l := range loads(b.value, b.keys) {
		if b.wants(l.name) {
			wanted = append(wanted, l)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	var servers []*harness.Server
	for _, start := range b.servers {
		s, err := start(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = s.Kill() }() // only its temporary directory could remain
		servers = append(servers, s)
		b.say("%s: preloading %d keys", s.Name, b.keys)
		if err := preload(ctx, b.target(s), b.value, b.keys); err != nil {
			return fmt.Errorf("preloading %s: %w", s.Name, err)
		}
	}
	for _, l := range wanted {
		if err := b.measureLoad(ctx, l, servers); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureLoad(ctx context.Context, l load, servers []*harness.Server) error {
	var generators []generator
	for _, s := range servers {
		g, err := b.newGenerator(b.target(s), l)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", l.title, s.Name, err)
		}
		defer g.close()
		generators = append(generators, g)
	}
	samples := make([][]sample, len(servers))
	for round := range b.rounds {
		for i, s := range servers {
			m, err := b.measure(ctx, s, generators[i])
			if err != nil {
				return fmt.Errorf("%s, %s: %w", l.title, s.Name, err)
			}
			b.say("%s, round %d, %s: %.0f ops/s, %.3f µs cpu per operation", l.title, round+1, s.Name, m.throughput, m.cpu)
			samples[i] = append(samples[i], m)
		}
	}
	b.table.addLoad(l.title, samples[0], samples[1])
	return nil
}

func (b *bench) newGenerator(t target, l load) (generator, error) {
	if b.generator == "redis-benchmark" {
		return &redisBenchmark{target: t, load: l, connections: b.connections}, nil
	}
	return newBuiltin(t, l, b.connections)
}

func (b *bench) measure(ctx context.Context, s *harness.Server, g generator) (sample, error) {
	if b.warmup > 0 {
		if _, err := g.run(ctx, b.warmup); err != nil {
			return sample{}, err
		}
	}
	before, err := s.CPU()
	if err != nil {
		return sample{}, err
	}
	r, err := g.run(ctx, b.duration)
	if err != nil {
		return sample{}, err
	}
	after, err := s.CPU()
	if err != nil {
		return sample{}, err
	}
	return sample{
		throughput: float64(r.ops) / r.elapsed.Seconds(),
		cpu:        float64((after - before).Microseconds()) / float64(r.ops),
		p50:        float64(r.p50) / float64(time.Millisecond),
		p99:        float64(r.p99) / float64(time.Millisecond),
	}, nil
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...) // progress only
}
