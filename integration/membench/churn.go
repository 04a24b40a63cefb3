package main

import (
	"context"
	"fmt"

	"github.com/redistill-go/redistill/integration/churn"
)

func (b *bench) measureChurn(ctx context.Context) error {
	b.print("\nChurn: %g x memory.max in values of 16 B to 64 KiB, then %g x in each of other sizes; %d connections.\n"+
		"RSS is sampled every %s; it has to stay under memory.max + 10 %% + 16 MiB. used: least of used_memory once it was\n"+
		"full and clients overwrote no larger values of the phase before, and most; it has to stay within 95 to 100 %% of\n"+
		"memory.max.\n\n",
		b.times, b.shift, b.writers, churn.RSSEvery)
	b.print("%-16s%6s  %-14s%8s%10s%10s%10s%9s%7s %-8s%6s%7s %s\n",
		"policy", "limit", "phase", "MB/s", "req/s", "evict/s", "refused", "RSS MiB", "bar", "", "used %", "to %", "")
	for _, limit := range b.limits {
		for _, policy := range b.policies {
			if err := b.churn(ctx, policy, limit); err != nil {
				return fmt.Errorf("%s, memory.max %d: %w", policy, limit, err)
			}
		}
	}
	return nil
}

func (b *bench) churn(ctx context.Context, policy string, limit int64) error {
	s, err := b.start(ctx, policy, limit)
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	streams := churn.Writers(b.writers, policy)
	w, err := churn.StartWatch(ctx, s, limit, streams)
	if err != nil {
		return err
	}
	defer w.Stop()
	for i, p := range churn.Phases {
		times := b.shift
		if i == 0 {
			times = b.times
		}
		if times == 0 {
			break
		}
		churn.Enter(streams, p, limit, policy == "noeviction")
		c, err := churn.Write(ctx, s.TCP, streams, int64(times*float64(limit)), 0)
		if err != nil {
			return fmt.Errorf("phase %s: %w", p.Name, err)
		}
		got, err := w.Phase()
		if err != nil {
			return err
		}
		b.churnRow(policy, limit, p, c, got)
	}
	return b.waitsRow(ctx, s, policy, limit)
}

func (b *bench) churnRow(policy string, limit int64, p churn.Phase, c churn.Counts, s churn.Seen) {
	seconds := c.Elapsed.Seconds()
	share := func(n int64) float64 { return 100 * float64(n) / float64(limit) }
	b.print("%-16s%6s  %-14s%8.0f%10.0f%10.0f%10d%9d%7d %-8s%6.1f%7.1f %s\n",
		policy, mebi(limit), p.Name, float64(c.Payload)/1e6/seconds, float64(c.Requests)/seconds, float64(s.Evicted)/seconds,
		c.Refused, s.RSS>>20, churn.Bound(limit)>>20, verdict(s.RSS <= churn.Bound(limit)),
		share(s.Least), share(s.Most), verdict(s.Steady(limit, policy != "noeviction")))
}

func mebi(n int64) string { return fmt.Sprintf("%dM", n>>20) }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}
