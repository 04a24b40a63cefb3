// Package proxyprotocol is a transport for clients that come through a load balancer
// which says in front of each connection who the client is: with the PROXY protocol,
// version 1 or 2, of HAProxy and many others. CLIENT LIST then shows the client's
// address and not the balancer's.
//
// Invariants: only peers that the configuration names are listened to; nothing beyond
// the header is read before the server has the connection; a peer that is slow, or
// that sends anything else, is closed, and holds nobody up.
//
// Concurrency: Start and Stop are called by one goroutine, as transport.Listener says;
// Addr by any, once Start has returned.
package proxyprotocol

import (
	"context"
	"net"
	"time"

	"github.com/redistill-go/redistill/core/listen"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// ID is the module's ID.
const ID = "transport.proxyprotocol"

func init() {
	transport.Register(ID, "Clients behind a load balancer that speaks the PROXY protocol",
		"transports.proxyprotocol", NewConfig, New)
}

// keepalive is the silence after which a peer is probed.
const keepalive = 300 * time.Second

// Transport is a transport.Listener.
type Transport struct {
	config *Config
	at     module.Place
	socket *listen.Socket
}

var _ transport.Listener = (*Transport)(nil)

// New makes the transport of a valid config; it opens nothing.
func New(c *Config, at module.Place) *Transport { return &Transport{config: c, at: at} }

// ID is that of the place.
func (t *Transport) ID() string { return t.at.ID }

// Enabled says whether there is an address to listen on.
func (t *Transport) Enabled() bool { return t.config.Listen != "" }

// Addr is the bound address, nil before Start.
func (t *Transport) Addr() net.Addr { return t.socket.Addr() }

// Start binds the address and serves it.
func (t *Transport) Start(ctx context.Context, srv transport.Server) error {
	trusted, err := parseNetworks(t.config.From)
	if err != nil {
		return err
	}
	ln, err := listen.TCP(ctx, listen.Endpoint{
		Module: t.at.ID, Key: t.at.Key("listen"), Address: t.config.Listen, Keepalive: keepalive,
	})
	if err != nil {
		return err
	}
	introduced := newListener(ln, trusted, t.config.Timeout.Std())
	t.socket = listen.Serve(introduced, func(ln net.Listener) error { return srv.Serve(ln, t.at.ID) })
	return nil
}

// Stop closes the listening socket, and the connections that have not said yet whose
// they are.
func (t *Transport) Stop(ctx context.Context) error { return t.socket.Close(ctx) }
