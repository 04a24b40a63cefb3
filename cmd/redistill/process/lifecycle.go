package process

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/saver"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/transport"
)

// engine is what the process needs of the server.
type engine interface {
	transport.Server
	module.Holder
	// FitClients lowers the limit of clients to most, and keeps it there.
	FitClients(most int)
	// Drain lets clients finish what they sent, until ctx ends, and closes
	// their connections.
	Drain(ctx context.Context) error
}

// process is everything with a life.
type process struct {
	fx.In

	Config     *config.Config
	Stats      *stats.Stats
	Store      *store.Store
	Env        *command.Env
	State      *state
	Engine     engine
	Saver      *saver.Saver
	Settings   *settings.Registry
	Policies   []eviction.Policy `group:"policies"`
	Order      transportOrder
	Background []background         `group:"background"`
	Backend    snapshot.Backend     `optional:"true"`
	Transports []transport.Listener `group:"transports"`
	Services   []service.Service    `group:"services"`
}

// steps returns the process's life in the order of starting. Stopping is the
// reverse:
//
//	start                stop
//	fit max_clients
//	open backend         close backend
//	services             stop services: they tell of all below until the end
//	                     save what the last snapshot has not, when nobody writes any more
//	background tasks     stop them
//	                     drain the clients
//	transports           close the listening sockets
//	load snapshot        stop saves that clients asked for
//	periodic snapshots   stop them
//	ready                no longer ready
//
// What is saved last is saved before a stop begins: see prepareStop.
//
// Transports bind before the snapshot is loaded, so that a port that is taken
// is found at once; clients are told LOADING until it is.
//
// ctx ends when the process is asked to stop; a start that is under way then
// gives up. The order within services and transports is that of their IDs.
func (p process) steps(ctx context.Context) []fx.Hook {
	var steps []fx.Hook
	add := func(start, stop func(context.Context) error) {
		begin := func(context.Context) error {
			if err := ctx.Err(); err != nil || start == nil {
				return err
			}
			return start(ctx)
		}
		steps = append(steps, fx.Hook{OnStart: begin, OnStop: stop})
	}
	add(func(context.Context) error { return p.fitClients() }, nil)
	if p.Backend != nil {
		add(p.Backend.Open, func(context.Context) error { return p.Backend.Close() })
	}
	for _, s := range sorted(p.Services) {
		if s.Enabled() {
			add(s.Start, s.Stop)
		}
	}
	if p.Backend != nil {
		add(nil, p.saveRest)
	}
	for _, run := range p.Background {
		addTask(add, run)
	}
	add(nil, p.drain)
	for _, l := range sorted(p.Transports) {
		if l.Enabled() {
			add(func(ctx context.Context) error { return l.Start(ctx, p.Engine) }, l.Stop)
		}
	}
	add(func(context.Context) error {
		listeners := p.Order.listeners(p.Transports)
		p.State.listeners.Store(&listeners)
		return nil
	}, nil)
	if p.Backend != nil {
		p.State.loading.Store(true) // before the first client
		add(p.load, func(context.Context) error { p.Saver.End(); return nil })
		if run := p.Saver.Periodic(p.Config.Persistence.Interval.Std()); run != nil {
			addTask(add, run)
		}
	}
	add(func(context.Context) error {
		p.State.served.Store(true)
		p.State.set("")
		p.logListening()
		return nil
	}, func(context.Context) error {
		p.State.set("draining")
		return nil
	})
	return steps
}

type adder func(start, stop func(context.Context) error)

func (p process) load(ctx context.Context) error {
	p.State.set("loading the snapshot")
	err := p.Saver.Load(ctx)
	p.State.set("starting")
	p.State.loading.Store(err != nil)
	return err
}

// drain gives the clients their grace. That some had to be cut off is worth a
// warning, but the stop succeeds.
func (p process) drain(context.Context) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.Config.Server.ShutdownGrace.Std())
	defer cancel()
	if err := p.Engine.Drain(ctx); err != nil {
		slog.Warn("not all clients finished in time", "error", err)
	}
	return nil
}

// addTask runs a task in the background from its start to its stop.
func addTask(add adder, run background) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	add(func(context.Context) error {
		done.Go(func() { run(ctx) })
		return nil
	}, func(context.Context) error {
		cancel()
		done.Wait()
		return nil
	})
}

// sorted orders by ID, since the graph hands groups out in random order.
func sorted[T interface{ ID() string }](parts []T) []T {
	return slices.SortedFunc(slices.Values(parts), func(a, b T) int { return compareIDs(a.ID(), b.ID()) })
}

// compareIDs orders by ID, and the instances of a module by their numbers.
func compareIDs(a, b string) int {
	split := func(id string) (base string, n int) {
		base, last := id[:strings.LastIndexByte(id, '.')+1], id[strings.LastIndexByte(id, '.')+1:]
		if n, err := strconv.Atoi(last); err == nil && base != "" {
			return strings.TrimSuffix(base, "."), n
		}
		return id, 1
	}
	baseA, nA := split(a)
	baseB, nB := split(b)
	return cmp.Or(cmp.Compare(baseA, baseB), cmp.Compare(nA, nB))
}

// logListening tells where the process can be reached, with the ports that the
// system chose where the configured one is 0. It comes last, so that a start
// that fails says nothing but why.
func (p process) logListening() {
	for _, s := range sorted(p.Services) {
		if at, ok := s.(interface{ Addr() net.Addr }); ok && s.Enabled() {
			slog.Info("listening", "module", s.ID(), "addr", at.Addr().String())
		}
	}
	for _, l := range sorted(p.Transports) {
		if l.Enabled() {
			slog.Info("listening", "transport", l.ID(), "addr", l.Addr().String())
		}
	}
}
