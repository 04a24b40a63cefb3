// Package admin is the HTTP server for those who run the cache: /health and
// /ready for supervisors, /metrics for Prometheus.
//
// Invariants: it only reads; it answers from the start of the process to its
// end, so that loading and draining can be seen; a client that is slow or
// sends too much is cut off. It knows no authentication, which is why it
// listens on the loopback address unless told otherwise.
//
// Concurrency: Start and Stop are called by one goroutine, as service.Service
// says; Addr by any, once Start has returned.
package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/redistill-go/redistill/core/listen"
	"github.com/redistill-go/redistill/core/service"
)

// ID is the module's ID.
const ID = "admin.http"

func init() {
	service.Register(ID, "Health, readiness and Prometheus metrics over HTTP", "admin", NewConfig, New)
}

// Server is a service.Service.
type Server struct {
	config *Config
	pages  *pages
	http   *http.Server
	socket *listen.Socket
}

var _ service.Service = (*Server)(nil)

// New makes the server; it opens nothing.
func New(c *Config, host service.Host) *Server {
	p := newPages(host)
	return &Server{config: c, pages: p, http: &http.Server{
		Handler:           p.mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute, // longer than scrapes are apart
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
}

// maxConns is how many connections are open at once: enough for probes and scrapers,
// and for a while for those that somebody forgets to close.
const maxConns = 32

// Descriptors implements module.Holder.
func (s *Server) Descriptors() int { return 1 + maxConns }

// ID is the module's ID.
func (s *Server) ID() string { return ID }

// Enabled says whether there is an address to listen on.
func (s *Server) Enabled() bool { return s.config.Listen != "" }

// Addr is the bound address, nil before Start.
func (s *Server) Addr() net.Addr { return s.socket.Addr() }

// Start binds the address and serves it.
func (s *Server) Start(ctx context.Context) error {
	ln, err := listen.TCP(ctx, listen.Endpoint{
		Module:    ID,
		Key:       "admin.listen",
		Address:   s.config.Listen,
		Keepalive: time.Minute,
	})
	if err != nil {
		return err
	}
	s.socket = listen.Serve(listen.Limit(ln, maxConns), func(ln net.Listener) error {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("%s: %w", ID, err)
		}
		return nil
	})
	return nil
}

// Stop lets requests under way finish, until ctx ends, and closes the rest.
func (s *Server) Stop(ctx context.Context) error {
	if s.socket == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("%s: requests cut off: %w", ID, err), s.http.Close())
	}
	return errors.Join(err, s.socket.Close(ctx))
}
