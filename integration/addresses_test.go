package integration

import (
	"net"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// An address of IPv4 is not listened on over IPv6: whoever has a firewall for
// one of them relies on it.
func TestIPv4AddressesAreIPv4Alone(t *testing.T) {
	for _, host := range []string{"0.0.0.0", "*", "127.0.0.1"} {
		s := harness.Redistill(t, harness.Options{TLS: certificates(t), Set: []string{
			"transports.tcp.listen=" + host + ":0", "transports.tls.listen=" + host + ":0", "admin.listen=" + host + ":0",
		}})
		for part, addr := range map[string]string{"tcp": s.TCP, "tls": s.TLS, "admin": s.Admin} {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				t.Fatal(err)
			}
			c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
			if err != nil {
				t.Errorf("%s on %s: %v", part, host, err)
			} else {
				_ = c.Close() // nothing was sent
			}
			// Where a machine has no IPv6, it can't be reached over it either.
			if c, err := net.Dial("tcp", net.JoinHostPort("::1", port)); err == nil {
				t.Errorf("%s on %s is reached over IPv6", part, host)
				_ = c.Close()
			}
		}
	}
}
