package server

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
)

// A client that has sent half of something large, and is silent now, keeps nobody
// from growing, however near to the limit all are: not on a socket, and not where
// a connection waits with a workspace, as below TLS.
func TestSilentClientsKeepNobodyFromGrowing(t *testing.T) {
	cert, roots := certificate(t)
	for name, below := range map[string]func(net.Listener) (net.Listener, func(net.Conn) net.Conn){
		"socket": func(l net.Listener) (net.Listener, func(net.Conn) net.Conn) {
			return l, func(nc net.Conn) net.Conn { return nc }
		},
		"TLS": func(l net.Listener) (net.Listener, func(net.Conn) net.Conn) {
			return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}}), func(nc net.Conn) net.Conn {
				return tls.Client(nc, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			tcp, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l, client := below(tcp)
			f.serve(l)
			dial := func() *peer {
				nc, err := net.Dial("tcp", tcp.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				return f.peer(client(nc))
			}
			half, other := dial(), dial()
			other.do("MSET k v", "+OK\r\n")
			half.send("*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$200000\r\n")
			sent := 0
			for range 3 {
				half.send(strings.Repeat("x", 50_000))
				sent += 50_000
				f.until("it has arrived", func() bool { return f.accounts.of[kindInput].Load() > 0 && f.store.Memory().Lent > 0 })
			}
			limit := f.weight() * 9 / 8 // all hold nearly as much as they may
			f.SetMemoryLimit(limit)
			half.send("x")
			for range 100 {
				other.do("MGET k none", "*2\r\n$1\r\nv\r\n$-1\r\n")
			}
			half.send(strings.Repeat("x", 200_000-sent-1) + "\r\n")
			half.expect("+OK\r\n")
		})
	}
}

// A request of very many arguments takes nothing before there is room for it: those
// that hold most are closed, and what they held has come back by then. Many may ask
// for that at the same time.
func TestManyArgumentsWaitForRoom(t *testing.T) {
	f := newFixture(t, Options{})
	tcp := f.listen()
	const keys, clients, fit = 20_000, 8, 3
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "*%d\r\n$5\r\nWATCH\r\n", keys+1) // never fails
	for i := range keys {
		_, _ = fmt.Fprintf(&b, "$10\r\nkey:%06d\r\n", i)
	}
	request := b.String()
	one := f.dial(tcp)
	one.send(request)
	one.expect("+OK\r\n")
	f.until("it is counted", func() bool { return f.accounts.of[kindWatched].Load() > keys })
	limit := fit * f.weight()
	f.SetMemoryLimit(limit)
	answered := make(chan bool)
	for range clients {
		p := f.dial(tcp)
		go func() {
			_, err := p.Write([]byte(request))
			line, _ := p.r.ReadString('\n')
			answered <- err == nil && line == "+OK\r\n"
		}()
	}
	served := 0
	for range clients {
		if <-answered {
			served++
		}
	}
	if served == 0 {
		t.Error("nobody was served")
	}
	closed := f.shared.Env.Stats.EvictedClients.Load()
	if closed < clients+1-fit {
		t.Errorf("%d clients were closed, and %d fit", closed, fit)
	}
	f.until("what they held is back", func() bool { return f.accounts.dying.Load() == 0 && f.weight() <= limit })
}
