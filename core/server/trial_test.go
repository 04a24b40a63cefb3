package server

import (
	"crypto/tls"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever does not get as far as authenticating, in whatever way, is closed in
// time and counted, and whoever does stays.
func TestAuthTimeout(t *testing.T) {
	const timeout = 10 * time.Second
	const noAuth = "-NOAUTH Authentication required.\r\n"
	cert, pool := certificate(t)
	for name, c := range map[string]struct {
		password string
		tls      bool // the server's side
		client   bool // shakes hands
		do       func(f *fixture, p *peer)
		stays    bool
	}{
		"silent":           {password: "secret"},
		"refused":          {password: "secret", do: says("PING", noAuth)},
		"wrong password":   {password: "secret", do: says("AUTH x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n")},
		"half a request":   {password: "secret", do: func(_ *fixture, p *peer) { p.send("*2\r\n") }},
		"does not read":    {password: "secret", do: func(_ *fixture, p *peer) { p.send("PING\r\n") }},
		"authenticates":    {password: "secret", do: says("AUTH secret", "+OK\r\n"), stays: true},
		"needs no proof":   {do: says("PING", "+PONG\r\n"), stays: true},
		"no proof, silent": {stays: true},
		"RESET": {password: "secret", do: func(f *fixture, p *peer) {
			says("AUTH secret", "+OK\r\n")(f, p)
			time.Sleep(time.Hour)
			says("RESET", "+RESET\r\n")(f, p)
		}},
		"the password is taken away": {password: "secret", stays: true, do: func(f *fixture, p *peer) {
			f.shared.Env.Auth.SetPassword("")
			says("GET k", "$-1\r\n")(f, p)
		}},
		"no handshake":            {tls: true},
		"half a handshake":        {tls: true, do: func(_ *fixture, p *peer) { p.send("\x16\x03\x01") }},
		"handshake alone":         {tls: true, client: true, do: says("PING", "+PONG\r\n"), stays: true},
		"handshake, refused":      {tls: true, client: true, password: "secret", do: says("PING", noAuth)},
		"handshake, authenticate": {tls: true, client: true, password: "secret", do: says("AUTH secret", "+OK\r\n"), stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, Options{AuthTimeout: timeout})
				f.shared.Env.Auth.SetPassword(c.password)
				client, server := net.Pipe()
				if c.tls {
					server = tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}})
				}
				if c.client {
					client = tls.Client(client, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
				}
				f.serve(&oneConn{conns: []net.Conn{server}})
				p := f.peer(client)
				if err := p.SetDeadline(time.Time{}); err != nil {
					t.Fatal(err)
				}
				if c.do != nil {
					c.do(f, p)
				}
				synctest.Wait()
				time.Sleep(timeout - time.Millisecond)
				synctest.Wait()
				if f.Clients().Count() != 1 {
					t.Fatal("it was closed before its time")
				}
				time.Sleep(2 * time.Millisecond)
				synctest.Wait()
				left, counted := 1-f.Clients().Count(), f.stats.AuthTimeouts.Load()
				if c.stays && (left != 0 || counted != 0) || !c.stays && (left != 1 || counted != 1) {
					t.Errorf("left: %d, counted: %d; it is to stay: %v", left, counted, c.stays)
				}
				_ = client.Close()
				f.within("it ends", f.conns.Wait)
			})
		})
	}
}

func says(request, reply string) func(*fixture, *peer) {
	return func(_ *fixture, p *peer) { p.do(request, reply) }
}
