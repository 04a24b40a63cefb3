package hostile

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/measure"
)

// good is the client that behaves: it reads and overwrites keys at a fixed rate.
// It never makes the data larger, so that whatever it loses is the attackers'.
type good struct {
	pacer   *measure.Pacer
	refused int64 // writes
	missing int64 // keys that were there
	other   string
}

// Times are those from when a request of the good client was due to its reply.
type Times struct{ P50, P99, Longest time.Duration }

func newGood(addr string, sc *Scenario, rate int) (*good, error) {
	random := rand.New(rand.NewPCG(5, 6))
	noise := Noise(2*sc.Value + 1)
	write := false
	request := func(b []byte) ([]byte, measure.Reply) {
		key := Key(random.IntN(sc.Keys))
		if write = !write; write {
			at := random.IntN(sc.Value + 1)
			return harness.AppendCommand(b, "SET", key, noise[at:at+sc.Value]), measure.Reply{Size: len("+OK\r\n"), First: '+'}
		}
		return harness.AppendCommand(b, "GET", key), measure.Reply{Size: measure.BulkSize(sc.Value), First: '$'}
	}
	p, err := measure.NewPacer(addr, rate, request)
	if err != nil {
		return nil, err
	}
	g := &good{pacer: p}
	p.Odd = g.odd
	if sc.Password != "" {
		if err := p.Greet(harness.AppendCommand(nil, "AUTH", sc.Password), "+OK\r\n"); err != nil {
			p.Close()
			return nil, err
		}
	}
	return g, nil
}

func (g *good) odd(line string) {
	switch {
	case strings.HasPrefix(line, "-OOM "):
		g.refused++
	case line == "$-1":
		g.missing++
	default:
		g.other = line
	}
}

// times are those of the last run.
func (g *good) times() Times {
	l := &g.pacer.Latency
	return Times{l.Quantile(0.5), l.Quantile(0.99), l.Quantile(1)}
}

// background runs until stop is called, which says how that went.
func (g *good) background(ctx context.Context) (stop func() error) {
	ended, ends := make(chan struct{}), make(chan error, 1)
	go func() { ends <- g.pacer.Run(ctx, ended) }()
	return func() error {
		close(ended)
		return <-ends
	}
}
