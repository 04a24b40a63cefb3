package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/measure"
)

const (
	expiryValue = 64                   // bytes of each value
	stableKeys  = 100_000              // keys that stay and are read
	loadAhead   = 5 * time.Microsecond // what loading a key may take
	mostLoads   = 5                    // how often they are loaded, each time with twice what the last one took
	quietBefore = 2 * time.Second      // between loading and expiry
	expirySpan  = time.Second          // within which they all expire
	freeWithin  = 10 * time.Second
	freeShare   = 0.9
)

// measureExpiry loads keys that expire within one second, twice: once under a
// steady load of GETs of other keys, once without any client.
func (b *bench) measureExpiry(ctx context.Context) error {
	b.print("\nExpiry: %d keys with values of %d bytes expire within %s.\n\n", b.keys, expiryValue, expirySpan)
	if err := b.expiryUnderLoad(ctx); err != nil {
		return err
	}
	return b.expiryAlone(ctx)
}

// expiryUnderLoad compares the time that GETs take before, and while the keys
// expire and are removed.
func (b *bench) expiryUnderLoad(ctx context.Context) error {
	s, err := b.start(ctx, "noeviction", 0)
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	stable := churn.New(0, churn.Sizes{Low: expiryValue, High: expiryValue})
	stable.Plain = true
	if _, err := churn.Write(ctx, s.TCP, []*churn.Stream{stable}, 0, stableKeys); err != nil {
		return err
	}
	p, err := measure.NewPacer(s.TCP, b.rate, gets(stable.Prefix))
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.RunFor(ctx, time.Second); err != nil { // not counted
		return err
	}
	for round := range b.rounds {
		begin, err := b.loadExpiring(ctx, s, round)
		if err != nil {
			return err
		}
		quiet := time.Until(begin) - 100*time.Millisecond
		if err := p.RunFor(ctx, quiet); err != nil {
			return err
		}
		before := timesOf(&p.Latency)
		if err := p.RunFor(ctx, time.Until(begin.Add(expirySpan+time.Second))); err != nil {
			return err
		}
		during := timesOf(&p.Latency)
		ratio := during.p99.Seconds() / before.p99.Seconds()
		b.print("  round %d: GET p50 / p99 / longest before %s, during %s; p99 ratio %.2f, bar 2: %s\n",
			round+1, before, during, ratio, verdict(ratio <= 2))
	}
	return nil
}

// gets is a load of GETs of the stable keys.
func gets(prefix string) measure.Request {
	random := rand.New(rand.NewPCG(8, 9))
	reply := measure.Reply{Size: measure.BulkSize(expiryValue), First: '$'}
	return func(b []byte) ([]byte, measure.Reply) {
		key := fmt.Appendf(nil, "%s%d", prefix, random.IntN(stableKeys))
		return fmt.Appendf(b, "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", len(key), key), reply
	}
}

// times are those from when a request was due to its reply.
type times struct {
	p50, p99, longest time.Duration
}

func timesOf(l *measure.Latencies) times {
	return times{l.Quantile(0.5), l.Quantile(0.99), l.Quantile(1)}
}

func (t times) String() string {
	return fmt.Sprintf("%.2f / %.2f / %.2f ms", millis(t.p50), millis(t.p99), millis(t.longest))
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// loadExpiring sets the keys and returns when the first of them expires, which
// is a while after the last was set. Where loading takes longer than that, it loads
// them again with more time.
func (b *bench) loadExpiring(ctx context.Context, s *harness.Server, round int) (time.Time, error) {
	ahead := loadAhead*time.Duration(b.keys) + time.Second
	for tries := 1; ; tries++ {
		began := time.Now()
		begin := began.Add(ahead + quietBefore)
		streams := make([]*churn.Stream, b.writers)
		for i := range streams {
			streams[i] = churn.New(1+round*b.writers+i, churn.Sizes{Low: expiryValue, High: expiryValue})
			streams[i].Plain, streams[i].From, streams[i].Span = true, begin.UnixMilli(), expirySpan.Milliseconds()
		}
		if _, err := churn.Write(ctx, s.TCP, streams, 0, int64(b.keys)); err != nil {
			return begin, err
		}
		took := time.Since(began)
		if took <= ahead {
			return begin, nil
		}
		if tries == mostLoads {
			return begin, fmt.Errorf("loading %d keys took %s, which is longer than they live; use fewer -keys", b.keys, took)
		}
		ahead = 2 * took
	}
}

// expiryAlone looks from outside at how soon memory is given back. What the
// process has of files grows by itself as its code is used.
func (b *bench) expiryAlone(ctx context.Context) error {
	s, err := b.start(ctx, "noeviction", 0)
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	empty, err := settled(ctx, s)
	if err != nil {
		return err
	}
	begin, err := b.loadExpiring(ctx, s, 0)
	if err != nil {
		return err
	}
	loaded, err := s.Anonymous()
	if err != nil {
		return err
	}
	free := func(rss int64) float64 { return float64(loaded-rss) / float64(loaded-empty) }
	expired := begin.Add(expirySpan)
	rss := loaded
	ticker := time.NewTicker(churn.RSSEvery)
	defer ticker.Stop()
	for free(rss) < freeShare && time.Since(expired) < 2*freeWithin {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if rss, err = s.Anonymous(); err != nil {
			return err
		}
	}
	took := time.Since(expired)
	b.print("  memory without a client: %d MiB when loaded, %d MiB after %.1f s, %.0f %% of the growth free; bar %.0f %% in %s: %s\n",
		loaded>>20, rss>>20, took.Seconds(), 100*free(rss), 100*freeShare, freeWithin, verdict(free(rss) >= freeShare && took <= freeWithin))
	return nil
}

// settled is the anonymous memory of a server once it has been the same for a
// while: an empty one first backs what it keeps ready.
func settled(ctx context.Context, s *harness.Server) (bytes int64, err error) {
	ticker := time.NewTicker(churn.RSSEvery)
	defer ticker.Stop()
	for same := 0; same < 10; same++ {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ticker.C:
		}
		now, err := s.Anonymous()
		if err != nil {
			return 0, err
		}
		if now != bytes {
			bytes, same = now, 0
		}
	}
	return bytes, nil
}
