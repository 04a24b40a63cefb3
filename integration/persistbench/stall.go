package main

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"sync"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/measure"
)

const (
	stallBar = 2.0
	// extraBar is what memory may grow by beside the entries overwritten.
	extraBar = 32 << 20
	rssEvery = 10 * time.Millisecond
)

func (b *bench) measureStalls(ctx context.Context) error {
	b.print("\np99 of %d requests per second, half GETs and half SETs, without and during BGSAVE, ms, from the time when they were due;\n"+
		"MiB that resident memory grows by meanwhile, beside the entries overwritten + 32 MiB.\n\n"+
		"%-24s%9s%9s%8s%6s  %-8s%9s%8s%8s  %-8s%8s\n", b.rate,
		"", "p99", "BGSAVE", "ratio", "bar", "", "longest", "MiB", "bar", "", "BGSAVE s")
	for _, kind := range kinds {
		for _, v := range variants {
			if !chosen(b.kinds, kind) || !chosen(b.variants, v.name) {
				continue
			}
			if err := b.stallsOf(ctx, kind, v); err != nil {
				return fmt.Errorf("%s values, %s: %w", kind, v.name, err)
			}
		}
	}
	return nil
}

// stallsOf measures a variant, and redis-server in turns for the sake of
// comparison.
func (b *bench) stallsOf(ctx context.Context, kind string, v variant) error {
	content := newValues(kind, b.value)
	ours, theirs := &stall{}, &stall{}
	for range b.rounds {
		for _, side := range []*stall{ours, theirs} {
			if err := b.stallRound(ctx, v, content, side, side == theirs); err != nil {
				return err
			}
		}
	}
	ours.print(b, kind+", "+v.name, true)
	theirs.print(b, "  redis-server", false)
	return nil
}

// stall is what was measured of one server, round by round.
type stall struct {
	calm, busy, longest []float64 // ms
	extra, bar          []float64 // bytes
	took                []float64 // s
}

func (s *stall) print(b *bench, title string, judged bool) {
	calm, busy := measure.Median(s.calm), measure.Median(s.busy)
	ratio := measure.Median(measure.Ratios(s.busy, s.calm))
	extra, bar := measure.Median(s.extra), measure.Median(s.bar)
	p99, memory := verdict(ratio <= stallBar), verdict(extra <= bar)
	if !judged {
		p99, memory = "", ""
	}
	b.print("%-24s%9.2f%9.2f%8.2f%6.1f  %-8s%9.1f%8.0f%8.0f  %-8s%8.2f\n", title, calm, busy, ratio, stallBar, p99,
		measure.Median(s.longest), extra/(1<<20), bar/(1<<20), memory, measure.Median(s.took))
}

// stallRound measures a fresh server, so that nothing is left of the BGSAVE of
// the round before.
func (b *bench) stallRound(ctx context.Context, v variant, content *values, to *stall, redis bool) error {
	dir, err := b.freshDir("stall")
	if err != nil {
		return err
	}
	s, err := b.filled(ctx, func() (*harness.Server, error) {
		if redis {
			return b.startRedis(ctx, v.peer, dir)
		}
		return b.startOurs(ctx, v, dir)
	}, content)
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	l := mixed{values: content, keys: b.keys}
	p, err := measure.NewPacer(s.TCP, b.rate, l.request)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.RunFor(ctx, b.calm/4); err != nil { // not counted
		return err
	}
	if err := p.RunFor(ctx, b.calm); err != nil {
		return err
	}
	calm := p.Latency.Quantile(0.99)
	before, err := s.RSS()
	if err != nil {
		return err
	}
	l.written = make([]uint64, b.keys/64+1)
	took, peak, err := runDuring(ctx, p, s)
	if err != nil {
		return err
	}
	busy := p.Latency.Quantile(0.99)
	overwritten := 0
	for _, w := range l.written {
		overwritten += bits.OnesCount64(w)
	}
	to.calm, to.busy = append(to.calm, millis(calm)), append(to.busy, millis(busy))
	to.longest = append(to.longest, millis(p.Latency.Quantile(1)))
	to.extra = append(to.extra, float64(peak-before))
	to.bar = append(to.bar, float64(overwritten*(keyBytes+b.value)+extraBar))
	to.took = append(to.took, took.Seconds())
	b.say("%s: p99 %.2f ms, during BGSAVE %.2f ms; %d MiB more; BGSAVE took %s", s.Name, millis(calm), millis(busy), (peak-before)>>20, took)
	return nil
}

// mixed is the load: GETs and SETs of random keys.
type mixed struct {
	values  *values
	keys    int
	written []uint64 // a bit for each key that was SET; nil: nobody asks
}

// request implements measure.Request.
func (l *mixed) request(b []byte) ([]byte, measure.Reply) {
	key := l.values.below(l.keys)
	if l.values.below(2) == 0 {
		if l.written != nil {
			l.written[key/64] |= 1 << (key % 64)
		}
		return l.values.appendSet(b, key), measure.Reply{Size: len("+OK\r\n"), First: '+'}
	}
	return appendGet(b, key), measure.Reply{Size: measure.BulkSize(l.values.size), First: '$'}
}

// runDuring runs the load while the server saves, and returns how long that
// took and the most resident memory meanwhile.
func runDuring(ctx context.Context, p *measure.Pacer, s *harness.Server) (took time.Duration, peak int64, err error) {
	done := make(chan struct{})
	var saveErr, rssErr error
	var others sync.WaitGroup
	others.Go(func() {
		defer close(done)
		took, saveErr = bgsave(ctx, s)
	})
	others.Go(func() { peak, rssErr = peakRSS(s, done) })
	err = p.Run(ctx, done)
	others.Wait()
	return took, peak, errors.Join(err, saveErr, rssErr)
}

// peakRSS samples resident memory until done is closed. A fork's is not
// counted.
func peakRSS(s *harness.Server, done <-chan struct{}) (peak int64, err error) {
	sample := time.NewTicker(rssEvery)
	defer sample.Stop()
	for {
		rss, err := s.RSS()
		if err != nil {
			return 0, err
		}
		peak = max(peak, rss)
		select {
		case <-done:
			return peak, nil
		case <-sample.C:
		}
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
