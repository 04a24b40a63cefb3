package listen

import (
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

type binding struct {
	Listen string `toml:"listen" doc:"an address"`
}

func (b *binding) Binds() []config.Bind { return Binds("listen", b.Listen) }

// Two addresses that are called each other's can't both be bound, and those that are not
// can, as far as they are no names.
func TestAddressesThatCantBeBoundTogether(t *testing.T) {
	hosts := []string{"127.0.0.1", "127.0.0.2", "0.0.0.0", "*", "[::ffff:127.0.0.1]", "[::1]", "[::]", ""}
	for _, first := range hosts {
		for _, second := range hosts {
			accepted := loads(first+":1", second+":1")
			for attempt := 1; ; attempt++ {
				together, possible := both(t, first, second)
				if !possible {
					t.Logf("%q and %q: this machine has not both", first, second)
				} else if together != accepted {
					if attempt < 5 { // somebody else may have the port on the second host
						continue
					}
					t.Errorf("%q and %q: both bound: %v, accepted: %v", first, second, together, accepted)
				}
				break
			}
		}
	}
}

// both says whether two hosts can be bound on one port, if each of them can.
func both(t *testing.T, first, second string) (together, possible bool) {
	t.Helper()
	a, err := TCP(t.Context(), Endpoint{Module: "transport.x", Address: first + ":0"})
	if err != nil {
		return false, false
	}
	defer func() { _ = a.Close() }() // nobody has connected
	b, err := TCP(t.Context(), Endpoint{Module: "transport.x", Address: second + ":" + strconv.Itoa(a.Addr().(*net.TCPAddr).Port)})
	if err != nil {
		return false, errors.Is(err, syscall.EADDRINUSE)
	}
	return true, b.Close() == nil
}

// loads says whether a configuration with two parts on these addresses is accepted.
func loads(first, second string) bool {
	part := func(id, address string) module.Descriptor {
		return module.Descriptor{ID: "x." + id, Section: id, NewConfig: func() any { return &binding{address} }}
	}
	_, err := config.Load(config.Source{Modules: []module.Descriptor{part("a", first), part("b", second)}})
	return err == nil
}

func TestNothingIsBoundWhereThereIsNoAddress(t *testing.T) {
	if got := Binds("listen", ""); got != nil {
		t.Errorf("%v", got)
	}
	if !loads("", "") || !loads("127.0.0.1:0", "127.0.0.1:0") || loads("localhost:1", "localhost:1") {
		t.Error("off and any free port are no address of another's, and a name is its own")
	}
}
