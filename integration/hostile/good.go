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
	pacer *measure.Pacer
	seen  experience
}

// manners are what the good client needs to know.
type manners struct {
	Addr, Password    string
	Keys, Value, Rate int
}

// experience is what the good client has met with: Times are those of its last
// run, the rest is of all.
type experience struct {
	Times
	Refused int64  // writes
	Missing int64  // keys that were there
	Other   string // the first line of a reply that was none of these
	Trouble string // what has ended the run, "" if it was whoever began it
}

// Times are those from when a request of the good client was due to its reply.
type Times struct{ P50, P99, Longest time.Duration }

func newGood(m manners) (*good, error) {
	random := rand.New(rand.NewPCG(5, 6))
	noise := Noise(2*m.Value + 1)
	write := false
	request := func(b []byte) ([]byte, measure.Reply) {
		key := Key(random.IntN(m.Keys))
		if write = !write; write {
			at := random.IntN(m.Value + 1)
			return harness.AppendCommand(b, "SET", key, noise[at:at+m.Value]), measure.Reply{Size: len("+OK\r\n"), First: '+'}
		}
		return harness.AppendCommand(b, "GET", key), measure.Reply{Size: measure.BulkSize(m.Value), First: '$'}
	}
	p, err := measure.NewPacer(m.Addr, m.Rate, request)
	if err != nil {
		return nil, err
	}
	g := &good{pacer: p}
	p.Odd = g.odd
	if m.Password != "" {
		if err := p.Greet(harness.AppendCommand(nil, "AUTH", m.Password), "+OK\r\n"); err != nil {
			p.Close()
			return nil, err
		}
	}
	return g, nil
}

func (g *good) odd(line string) {
	switch {
	case strings.HasPrefix(line, "-OOM "):
		g.seen.Refused++
	case line == "$-1":
		g.seen.Missing++
	default:
		g.seen.Other = line
	}
}

// run behaves until stop is closed.
func (g *good) run(ctx context.Context, stop <-chan struct{}) experience {
	g.seen.Trouble = ""
	if err := g.pacer.Run(ctx, stop); err != nil {
		g.seen.Trouble = err.Error()
	}
	l := &g.pacer.Latency
	g.seen.Times = Times{l.Quantile(0.5), l.Quantile(0.99), l.Quantile(1)}
	return g.seen
}

// begin implements client.
func (g *good) begin(ctx context.Context) (end func() (experience, error), err error) {
	stop, ended := make(chan struct{}), make(chan experience, 1)
	go func() { ended <- g.run(ctx, stop) }()
	return func() (experience, error) {
		close(stop)
		return <-ended, nil
	}, nil
}

// leave implements client.
func (g *good) leave() { g.pacer.Close() }
