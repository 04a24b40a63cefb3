package listen

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/redistill-go/redistill/core/config"
)

// CheckAddress says what is wrong with a host:port that is the value of key,
// or returns nil. The port is a number from 0 (any free one) to 65535. Names are
// not looked up.
func CheckAddress(key, address string) error {
	const fix = "use host:port, as in 127.0.0.1:6379, or \"\" to switch it off"
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return &config.FieldError{Key: key, Problem: fmt.Sprintf("%q is not an address", address), Fix: fix}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return &config.FieldError{Key: key, Problem: fmt.Sprintf("port %q is not in the range 0 to 65535", port), Fix: fix}
	}
	return nil
}

// Binds says what listening on the host:port of a key takes, for a config that is a
// config.Binder: nothing if it is empty, which switches it off.
func Binds(key, address string) []config.Bind {
	if address == "" {
		return nil
	}
	network, bound := resolve(address)
	return []config.Bind{{Key: key, Address: address, Network: network, Bound: bound}}
}

// resolve says what Go's network functions are to be asked for, so that an
// address means no more than it says: one of IPv4 is bound on IPv4 alone, and one
// of IPv6 on IPv6 alone, also where it stands for every address of the machine,
// as 0.0.0.0 and [::] do. * is every IPv4 address, as it is for Redis. An empty
// host is every address of both kinds. A name is one of the addresses that it has,
// an IPv4 one if there is any.
func resolve(address string) (network, bind string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "tcp", address // which says what is wrong with it
	}
	if host == "*" {
		return "tcp4", net.JoinHostPort("0.0.0.0", port)
	}
	switch ip, err := netip.ParseAddr(host); {
	case err != nil:
		return "tcp", address
	case ip.Unmap().Is4():
		return "tcp4", net.JoinHostPort(ip.Unmap().String(), port)
	default:
		return "tcp6", address
	}
}
