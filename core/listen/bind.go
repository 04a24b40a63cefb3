package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Endpoint is something to listen on, and whose it is.
type Endpoint struct {
	// Module is the ID that errors start with, as in "transport.tcp".
	Module string
	// Key is the full config key of the address, as in "transports.tcp.listen".
	Key string
	// Address is host:port. A host that is an address, or * for 0.0.0.0, is bound
	// for its own version of IP alone, an empty one for both.
	Address string
	// Keepalive is how long a connection may be silent before the system
	// probes it, in whole seconds; three lost probes end it. 0: no probes.
	Keepalive time.Duration
}

// TCP binds a TCP socket. Its error names the module, the address, the cause
// and the key to change.
func TCP(ctx context.Context, e Endpoint) (net.Listener, error) {
	lc := net.ListenConfig{
		KeepAlive: -1,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable:   e.Keepalive > 0,
			Idle:     e.Keepalive,
			Interval: max(e.Keepalive/3, time.Second),
			Count:    3,
		},
	}
	// Clients speak plain TCP; multipath, which Go would offer, only adds a
	// fallback to every connection.
	lc.SetMultipathTCP(false)
	network, address := resolve(e.Address)
	ln, err := lc.Listen(ctx, network, address)
	if err != nil {
		return nil, failed(e, err)
	}
	return ln, nil
}

// failed explains why an endpoint could not be bound and what to do about it.
// It wraps the cause that lies deepest in err.
func failed(e Endpoint, err error) error {
	cause := root(err)
	return fmt.Errorf("%s: cannot listen on %s: %w; %s", e.Module, e.Address, cause, remedy(cause, e.Key))
}

func remedy(cause error, key string) string {
	switch {
	case errors.Is(cause, syscall.EADDRINUSE):
		return "stop the process that uses it or set " + key + " to another address"
	case errors.Is(cause, syscall.EADDRNOTAVAIL):
		return "this machine has no such address: set " + key + " to one it has"
	case errors.Is(cause, syscall.EACCES), errors.Is(cause, syscall.EPERM):
		return "run as a user who may, or set " + key + " to an address that needs no privilege, such as a port from 1024 up"
	default:
		return "set " + key + " to an address of this machine"
	}
}

// root strips what net adds: the operation and the address, which the message
// already has.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
