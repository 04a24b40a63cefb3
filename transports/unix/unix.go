// Package unix is the transport for clients on the same machine that connect
// through a unix socket.
//
// Invariants: the socket's file never has wider permissions than configured; a
// socket that another process serves is never taken over; Stop removes the
// file only if it is still the one that Start made.
//
// Concurrency: Start and Stop are called by one goroutine, as transport.Listener
// says; Addr by any, once Start has returned.
package unix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"github.com/redistill-go/redistill/core/listen"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// ID is the module's ID.
const ID = "transport.unix"

func init() {
	transport.Register(ID, "Clients on this machine over a unix socket", "transports.unix", NewConfig, New)
}

// Transport is a transport.Listener.
type Transport struct {
	config *Config
	at     module.Place
	socket *listen.Socket
	file   fs.FileInfo // of the socket that Start made; nil: there is none
}

var _ transport.Listener = (*Transport)(nil)

// New makes the transport; it opens nothing.
func New(c *Config, at module.Place) *Transport { return &Transport{config: c, at: at} }

// ID is that of the place.
func (t *Transport) ID() string { return t.at.ID }

// Enabled says whether there is a path to listen on.
func (t *Transport) Enabled() bool { return t.config.Path != "" }

// Addr is the socket's path, nil before Start.
func (t *Transport) Addr() net.Addr { return t.socket.Addr() }

// Start binds the path, which it frees of a socket that nobody serves any
// more, and serves it.
func (t *Transport) Start(ctx context.Context, srv transport.Server) error {
	mode, err := t.config.mode()
	if err != nil {
		return fmt.Errorf("%s: mode %q: %w; use an octal number such as 0700", t.at.ID, t.config.Mode, err)
	}
	ln, file, err := t.bind(ctx, mode)
	if err != nil {
		return err
	}
	t.file = file
	t.socket = listen.Serve(ln, func(ln net.Listener) error { return srv.Serve(ln, t.at.ID) })
	return nil
}

// Stop closes the listening socket and removes its file.
func (t *Transport) Stop(ctx context.Context) error {
	return errors.Join(t.socket.Close(ctx), t.remove())
}

func (t *Transport) remove() error {
	if t.file == nil {
		return nil
	}
	found, err := os.Lstat(t.config.Path)
	if err == nil && os.SameFile(found, t.file) {
		err = os.Remove(t.config.Path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: cannot remove the socket: %w", t.at.ID, err)
	}
	t.file = nil
	return nil
}
