package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/lane"
	"github.com/redistill-go/redistill/core/session"
)

// Options are what a server is made with.
type Options struct {
	Shared *session.Shared
	// MaxClients is how many connections may be open; more are told so and
	// closed, except for one from this machine. It may be changed later.
	MaxClients int
	// AuthTimeout closes connections that have not shaken hands and authenticated
	// after so long, as far as they have to; 0: never.
	AuthTimeout time.Duration
	// IdleTimeout closes connections that sent nothing for so long; 0: never.
	// It may be changed later.
	IdleTimeout time.Duration
	Log         *slog.Logger
}

// Server serves connections. Make one with New.
type Server struct {
	shared  *session.Shared
	pool    *session.Pool
	clients *registry
	log     *slog.Logger

	maxClients  atomic.Int64
	mostClients atomic.Int64 // the most that maxClients can be
	idleTimeout atomic.Int64 // nanoseconds
	authTimeout time.Duration
	restAfter   time.Duration // changed by tests alone
	refusing    chan struct{} // has an element for each refusal under way

	accounts accounts
	evict    eviction
	gate     gate
	limits   limits

	lane      *lane.Lane   // where long work waits for its turn
	accepting *lane.Breath // of those that accept connections

	hangups  func() *hangups // made when the first transport is served
	draining atomic.Bool
	until    atomic.Int64 // when draining stops reading, in ns since the Unix epoch; 0: not known
	conns    sync.WaitGroup
	stop     chan struct{} // closed when the server drains
}

// New makes a server that serves nothing yet.
func New(o Options) *Server {
	s := &Server{
		shared:  o.Shared,
		pool:    session.NewPool(o.Shared),
		clients: newRegistry(),
		log:     o.Log,
		stop:    make(chan struct{}),
		gate:    newGate(),

		authTimeout: o.AuthTimeout,
		restAfter:   restAfter,
		refusing:    make(chan struct{}, refusals),
	}
	if s.shared.ReplyLimit == nil {
		s.shared.ReplyLimit = &atomic.Int64{}
	}
	began := o.Shared.Env.Stats.Started
	s.lane = lane.New(runtime.GOMAXPROCS(0), func() time.Duration { return time.Since(began) })
	s.shared.Lane, s.accepting = s.lane, s.lane.NewBreath()
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	waking := s.lane.NewBreath()
	s.hangups = sync.OnceValue(func() *hangups {
		h, err := newHangups(waking)
		if err != nil {
			s.log.Warn("connections will take one more system call each time they wait", "err", err)
		}
		return h
	})
	s.maxClients.Store(int64(o.MaxClients))
	s.mostClients.Store(math.MaxInt64)
	s.idleTimeout.Store(int64(o.IdleTimeout))
	return s
}

// Clients is the register of connections.
func (s *Server) Clients() command.Clients { return s.clients }

// MaxClients is how many connections may be open.
func (s *Server) MaxClients() int { return int(s.maxClients.Load()) }

// SetMaxClients changes how many connections may be open; those that are open
// stay.
func (s *Server) SetMaxClients(n int) {
	s.maxClients.Store(int64(n))
	s.clients.promote(n)
}

// MostClients is the most that SetMaxClients can be asked for.
func (s *Server) MostClients() int { return int(s.mostClients.Load()) }

// FitClients tells how many clients there are file descriptors for. MaxClients is
// lowered to that.
func (s *Server) FitClients(most int) {
	s.mostClients.Store(int64(most))
	if s.MaxClients() > most {
		s.SetMaxClients(most)
	}
}

// Descriptors implements module.Holder: the kept place, those that are refused or
// were just accepted, the poller of hang-ups, and the lane's.
func (s *Server) Descriptors() int { return 1 + refusals + 1 + 1 + s.lane.Descriptors() }

// IdleTimeout is how long a connection may send nothing; 0: for ever.
func (s *Server) IdleTimeout() time.Duration { return time.Duration(s.idleTimeout.Load()) }

// SetIdleTimeout changes how long a connection may send nothing.
func (s *Server) SetIdleTimeout(d time.Duration) { s.idleTimeout.Store(int64(d)) }

// Accept errors are mostly for want of file descriptors, which is not cured by
// trying again at once.
const (
	minAcceptPause = 5 * time.Millisecond
	maxAcceptPause = time.Second
)

// Serve accepts connections from l until it is closed, and then returns nil.
// It implements transport.Server.
func (s *Server) Serve(l net.Listener, kind string) error {
	pause := time.Duration(0)
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.accept(nc, kind)
			s.accepting.Step()
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			s.shared.Env.Stats.AcceptErrors.Add(1)
			pause = min(max(2*pause, minAcceptPause), maxAcceptPause)
			s.log.Warn("cannot accept a connection", "transport", kind, "err", err, "retry_in", pause)
			select {
			case <-time.After(pause):
			case <-s.stop:
				return nil
			}
		}
	}
}

// drainTime is how long connections are still read from when the server
// drains: requests that are on their way are answered.
const drainTime = 250 * time.Millisecond

// cutTime is how long connections that were cut off may take to notice it, which
// is as long as the command that they execute doesn't: see command.Ctx.Gone.
const cutTime = time.Second

// Drain ends all connections: they are read from for a moment longer, answer
// what they have read, and are closed. When ctx ends first, those that remain
// are cut off and the error says how many. Transports are stopped before.
func (s *Server) Drain(ctx context.Context) error {
	if s.draining.Swap(true) {
		return nil
	}
	close(s.stop)
	defer s.lane.Close()
	defer s.hangups().close()
	s.shared.Env.Pauses.End()
	until := time.Now().Add(drainTime)
	s.until.Store(until.UnixNano())
	s.clients.conns(func(c *conn) {
		c.readUntil(until)
		c.session.Client.Unblock(false)
		c.wake()
	})
	done := make(chan struct{})
	go func() { s.conns.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	cut := 0
	s.clients.conns(func(c *conn) { cut++; c.cut() })
	select {
	case <-done:
		return fmt.Errorf("drain: %d connections were cut off: %w", cut, ctx.Err())
	case <-time.After(cutTime):
		return fmt.Errorf("drain: %d connections were cut off, and %d of them are still executing a command: %w", cut, s.shared.Env.Stats.ConnectionsCurrent.Load(), ctx.Err())
	}
}

// Draining says whether the server is about to end.
func (s *Server) Draining() bool { return s.draining.Load() }

// overdue says whether a connection that always has something to read, and so
// never meets its deadline, has had its time.
func (s *Server) overdue() bool {
	until := s.until.Load()
	return until != 0 && time.Now().UnixNano() > until
}

// CloseIdle closes the connections that have sent nothing for longer than the
// idle timeout. The process calls it about once a second.
func (s *Server) CloseIdle(now time.Time) {
	timeout := s.IdleTimeout()
	if timeout == 0 {
		return
	}
	before := now.Add(-timeout).UnixMilli()
	s.clients.conns(func(c *conn) {
		cl := &c.session.Client
		if cl.ShownMode()&(command.ModeMonitor|command.ModeSubscribed) != 0 {
			return // it only listens
		}
		if cl.Blocked() {
			return // it is the server who keeps it waiting
		}
		if cl.Active.Load() < before {
			s.shared.Env.Stats.IdleCloses.Add(1)
			c.cut()
		}
	})
}
