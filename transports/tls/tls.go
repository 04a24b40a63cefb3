// Package tls is the transport for clients that connect over TLS 1.2 or later.
//
// Invariants: certificate files are sound when Start returns; a renewed
// certificate serves new connections without a restart, and one that can't be
// used leaves the one before it in service. Accepting never waits for a
// handshake: a connection shakes hands at its first read or write.
//
// Concurrency: Start and Stop are called by one goroutine, as transport.Listener
// says; Addr by any, once Start has returned.
package tls

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/redistill-go/redistill/core/listen"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// ID is the module's ID.
const ID = "transport.tls"

func init() { transport.Register(ID, "Clients over TLS", "transports.tls", NewConfig, New) }

// keepalive is the silence after which a client is probed.
const keepalive = 300 * time.Second

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

// Start reads the certificates, binds the address and serves it.
func (t *Transport) Start(ctx context.Context, srv transport.Server) error {
	creds, err := newCredentials(t.config, t.at)
	if err != nil {
		return err
	}
	ln, err := listen.TCP(ctx, listen.Endpoint{
		Module:    t.at.ID,
		Key:       t.at.Key("listen"),
		Address:   t.config.Listen,
		Keepalive: keepalive,
	})
	if err != nil {
		return err
	}
	ln = tls.NewListener(ln, serving(creds))
	t.socket = listen.Serve(ln, func(ln net.Listener) error { return srv.Serve(ln, t.at.ID) })
	return nil
}

// Stop closes the listening socket.
func (t *Transport) Stop(ctx context.Context) error { return t.socket.Close(ctx) }

// serving is the configuration that looks the credentials up at each handshake.
func serving(creds *credentials) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return creds.current(), nil },
	}
}
