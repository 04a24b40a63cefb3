// Package tcp is the transport for clients that connect over TCP.
//
// It binds one address and hands the listener to the server, which accepts
// from it and owns the connections.
//
// Concurrency: Start and Stop are called by one goroutine, as transport.Listener
// says; Addr by any, once Start has returned.
package tcp

import (
	"context"
	"net"

	"github.com/redistill-go/redistill/core/listen"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// ID is the module's ID.
const ID = "transport.tcp"

func init() { transport.Register(ID, "Clients over TCP", "transports.tcp", NewConfig, New) }

// Transport is a transport.Listener.
type Transport struct {
	config *Config
	at     module.Place
	socket *listen.Socket
}

var _ transport.Listener = (*Transport)(nil)

// New makes the transport; it opens nothing.
func New(c *Config, at module.Place) *Transport { return &Transport{config: c, at: at} }

// ID is that of the place.
func (t *Transport) ID() string { return t.at.ID }

// Enabled says whether there is an address to listen on.
func (t *Transport) Enabled() bool { return t.config.Listen != "" }

// Addr is the bound address, nil before Start.
func (t *Transport) Addr() net.Addr { return t.socket.Addr() }

// Start binds the address and serves it.
func (t *Transport) Start(ctx context.Context, srv transport.Server) error {
	ln, err := listen.TCP(ctx, listen.Endpoint{
		Module:    t.at.ID,
		Key:       t.at.Key("listen"),
		Address:   t.config.Listen,
		Keepalive: t.config.Keepalive.Std(),
	})
	if err != nil {
		return err
	}
	if !t.config.Nodelay {
		ln = delaying{ln}
	}
	t.socket = listen.Serve(ln, func(ln net.Listener) error { return srv.Serve(ln, t.at.ID) })
	return nil
}

// Stop closes the listening socket.
func (t *Transport) Stop(ctx context.Context) error { return t.socket.Close(ctx) }

// delaying switches TCP_NODELAY off, which Go switches on for each connection.
type delaying struct{ net.Listener }

func (d delaying) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		// It fails only on a connection that is gone, as its first read shows.
		_ = tcp.SetNoDelay(false)
	}
	return conn, err
}
