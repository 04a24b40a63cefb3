package main

import (
	"context"
	"fmt"
	"strings"
)

// phase is a part of the churn.
type phase struct {
	name   string
	sizes  sizes
	fields int
}

var phases = []phase{
	{"mixed", mixed, 0}, // the first has its own length
	{"small", small, 0},
	{"large", large, 0},
	{"small again", small, 0},
	{"mixed again", mixed, 0},
	{"hashes", sizes{16, 4 << 10}, 10},
	{"mixed at last", mixed, 0},
}

// bound is what resident memory has to stay under.
func bound(limit int64) int64 { return limit + limit/10 + 16<<20 }

func (b *bench) measureChurn(ctx context.Context) error {
	b.print("\nChurn: %g x memory.max in values of 16 B to 64 KiB, then %g x in each of other sizes; %d connections.\n"+
		"RSS is sampled every %s; it has to stay under memory.max + 10 %% + 16 MiB. used: least and most of used_memory\n"+
		"once it was full; it has to stay within 95 to 100 %% of memory.max.\n\n",
		b.times, b.shift, b.writers, rssEvery)
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
	w, err := startWatch(ctx, s, limit)
	if err != nil {
		return err
	}
	defer w.stop()
	streams := make([]*stream, b.writers)
	for i := range streams {
		streams[i] = newStream(i, mixed)
		streams[i].expire = strings.HasPrefix(policy, "volatile-")
	}
	for i, p := range phases {
		times := b.shift
		if i == 0 {
			times = b.times
		}
		if times == 0 {
			break
		}
		for _, st := range streams {
			st.enter(p, limit/int64(b.writers), policy == "noeviction")
		}
		c, err := write(ctx, s.TCP, streams, int64(times*float64(limit)), 0)
		if err != nil {
			return fmt.Errorf("phase %s: %w", p.name, err)
		}
		got, err := w.phase()
		if err != nil {
			return err
		}
		b.churnRow(policy, limit, p, c, got)
	}
	return nil
}

// enter begins a phase, for a writer whose share of memory is so many bytes.
// Keys of another type would be refused, hence a name for each phase.
func (s *stream) enter(p phase, share int64, deletes bool) {
	s.sizes, s.fields = p.sizes, p.fields
	if s.fields > 0 {
		s.prefix, s.next = "hash:"+s.prefix, 0
	}
	if p.name == "mixed at last" {
		s.prefix, s.next = strings.TrimPrefix(s.prefix, "hash:"), 0
	}
	if deletes {
		s.space = int(2 * float64(share) / (p.sizes.mean() * float64(max(p.fields, 1))))
	}
}

func (b *bench) churnRow(policy string, limit int64, p phase, c counts, s seen) {
	seconds := c.elapsed.Seconds()
	low, high := 100*float64(s.least)/float64(limit), 100*float64(s.most)/float64(limit)
	b.print("%-16s%6s  %-14s%8.0f%10.0f%10.0f%10d%9d%7d %-8s%6.1f%7.1f %s\n",
		policy, mebi(limit), p.name, float64(c.payload)/1e6/seconds, float64(c.requests)/seconds, float64(s.evicted)/seconds,
		c.refused, s.rss>>20, bound(limit)>>20, verdict(s.rss <= bound(limit)), low, high, verdict(low >= 95 && high < 100.05)) // as it is shown
}

func mebi(n int64) string { return fmt.Sprintf("%dM", n>>20) }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}
