package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/measure"
)

// setLoad is what SETs are made of.
type setLoad struct {
	name  string
	sizes churn.Sizes
	fresh bool // each SET makes a new key, or else one of twice as many as fit
	share float64
}

// The share is of -sets, since larger values take longer.
var setLoads = []setLoad{
	{"new keys, 256 B", churn.Sizes{Low: 256, High: 256}, true, 1},
	{"random keys, 256 B", churn.Sizes{Low: 256, High: 256}, false, 1},
	{"new keys, 16 B to 64 KiB", churn.Mixed, true, 0.1},
	{"random keys, 16 B to 64 KiB", churn.Mixed, false, 0.1},
}

// measureCost compares the cpu of SETs in a server that is full with that in
// one that has room, in turns and with the same requests.
func (b *bench) measureCost(ctx context.Context) error {
	b.print("\nCost: server cpu per SET where it evicts and where there is room, %d rounds in turn; medians.\n"+
		"The ratio is round by round; its median has to be at most 1.5.\n\n"+
		"%-16s%6s  %-28s%10s%10s%10s%7s%7s%7s\n",
		b.rounds, "policy", "limit", "SETs", "evict/SET", "full, µs", "room, µs", "min", "ratio", "max")
	for _, limit := range b.limits {
		for _, policy := range b.policies {
			if policy == "noeviction" {
				continue
			}
			for _, l := range setLoads {
				if err := b.compareSets(ctx, policy, limit, l); err != nil {
					return fmt.Errorf("%s, memory.max %d, %s: %w", policy, limit, l.name, err)
				}
			}
		}
	}
	return nil
}

// side is one of the two servers.
type side struct {
	s       *harness.Server
	conn    *harness.Conn
	streams []*churn.Stream
	cpu     []float64 // µs per SET, of each round
}

func (b *bench) compareSets(ctx context.Context, policy string, limit int64, l setLoad) error {
	sides := make([]side, 2)
	for i, max := range []int64{limit, 0} {
		s, err := b.start(ctx, policy, max)
		if err != nil {
			return err
		}
		defer func() { _ = s.Kill() }() // only its temporary directory could remain
		conn, err := harness.Dial(ctx, "tcp", s.TCP)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // nothing is lost with it
		sides[i] = side{s: s, conn: conn, streams: b.setStreams(policy, limit, l)}
		// Twice the limit, so that the one is full and both have all keys that fit.
		if _, err := churn.Write(ctx, s.TCP, sides[i].streams, 2*limit, 0); err != nil {
			return err
		}
	}
	var evicted, sets int64
	for range b.rounds {
		for i := range sides {
			n, e, err := b.round(ctx, &sides[i], l, i == 1)
			if err != nil {
				return err
			}
			if i == 0 {
				sets, evicted = sets+n, evicted+e
			}
		}
	}
	full, room := sides[0].cpu, sides[1].cpu
	ratios := measure.Ratios(full, room)
	b.print("%-16s%6s  %-28s%10.2f%10.2f%10.2f%7.2f%7.2f%7.2f %s\n", policy, mebi(limit), l.name,
		float64(evicted)/float64(sets), measure.Median(full), measure.Median(room),
		slices.Min(ratios), measure.Median(ratios), slices.Max(ratios), verdict(measure.Median(ratios) <= 1.5))
	return nil
}

func (b *bench) setStreams(policy string, limit int64, l setLoad) []*churn.Stream {
	streams := churn.Writers(b.writers, policy)
	for _, st := range streams {
		st.Plain, st.Sizes = true, l.sizes
		if !l.fresh {
			st.Space = int(2 * float64(limit) / float64(b.writers) / l.sizes.Mean())
		}
	}
	return streams
}

// round measures one server once. The one that has room is emptied before
// new keys come, or it would grow without end.
func (b *bench) round(ctx context.Context, sd *side, l setLoad, room bool) (sets, evicted int64, err error) {
	if room && l.fresh {
		if reply, err := sd.conn.Do("FLUSHALL", "SYNC"); err != nil || reply != "+OK\r\n" {
			return 0, 0, fmt.Errorf("FLUSHALL: %q, %w", reply, err)
		}
	}
	before, err := churn.Info(sd.conn)
	if err != nil {
		return 0, 0, err
	}
	cpu, err := sd.s.CPU()
	if err != nil {
		return 0, 0, err
	}
	c, err := churn.Write(ctx, sd.s.TCP, sd.streams, 0, int64(float64(b.sets)*l.share))
	if err != nil {
		return 0, 0, err
	}
	after, err := sd.s.CPU()
	if err != nil {
		return 0, 0, err
	}
	figures, err := churn.Info(sd.conn)
	if err != nil {
		return 0, 0, err
	}
	if c.Refused > 0 {
		return 0, 0, fmt.Errorf("%d SETs were refused", c.Refused)
	}
	sd.cpu = append(sd.cpu, float64((after-cpu).Microseconds())/float64(c.Requests))
	return c.Requests, figures["evicted_keys"] - before["evicted_keys"], nil
}
