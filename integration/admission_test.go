package integration

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// Connections that don't get as far as authenticating are closed, over TCP and
// below TLS, and are counted; those that have authenticated stay.
func TestConnectionsThatDoNotAuthenticate(t *testing.T) {
	s := harness.Redistill(t, harness.Options{
		Password: "secret", TLS: certificates(t), Set: []string{"server.auth_timeout=500ms"},
	})
	good := dial(t, s)
	want(t, good, "+OK\r\n", "AUTH", "secret")
	silent, talker := dial(t, s), dial(t, s)
	want(t, talker, "-NOAUTH Authentication required.\r\n", "PING")
	halfway, err := net.Dial("tcp", s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = halfway.Close() }() // the server has closed it
	if _, err := halfway.Write([]byte{0x16, 3, 1, 0}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*harness.Conn{"silent": silent, "talker": talker, "half a handshake": harness.NewConn(halfway)} {
		if rest, err := c.Rest(); err != nil || rest != "" {
			t.Errorf("%s: %q, %v", name, rest, err)
		}
	}
	if n := info(t, good, "client_auth_timeout_disconnections"); n != 3 {
		t.Errorf("%d are counted, want 3", n)
	}
	if _, page := get(t, s, "/metrics"); !strings.Contains(page, "\nredistill_auth_timeout_closes_total 3\n") {
		t.Errorf("not 3 in the metrics: %s", page)
	}
	want(t, good, pong, "PING")
}

// Full of clients that never authenticate, the server lets an administrator in
// from this machine, who can look at it and raise the limit, but nobody who would
// use it.
func TestAdministratorGetsIn(t *testing.T) {
	s := harness.Redistill(t, harness.Options{
		MaxClients: 20, Password: "secret", Unix: true, Set: []string{"server.auth_timeout=0"},
	})
	for range 20 + 1 { // one of them is told that it is too many, when it has been silent for a while
		dial(t, s)
	}
	enter := func(network, addr string) (c *harness.Conn) {
		t.Helper()
		eventually(t, "the administrator's place is free", func() error {
			var err error
			if c, err = harness.Dial(t.Context(), network, addr); err != nil {
				return err
			}
			reply, err := c.Do("AUTH", "secret")
			if err != nil || reply != "+OK\r\n" {
				return errors.Join(fmt.Errorf("AUTH: %q, %v", reply, err), c.Close())
			}
			return nil
		})
		t.Cleanup(func() { _ = c.Close() }) // the server may have closed it
		return c
	}
	user := enter("tcp", s.TCP)
	want(t, user, "-ERR max number of clients reached\r\n", "GET", "k")
	if rest, err := user.Rest(); err != nil || rest != "" {
		t.Errorf("after that: %q, %v", rest, err)
	}
	admin := enter("unix", s.Unix)
	if n := info(t, admin, "connected_clients"); n != 21 {
		t.Errorf("%d clients, want 20 and the administrator", n)
	}
	want(t, admin, "+OK\r\n", "CONFIG", "SET", "maxclients", "100")
	want(t, admin, "+OK\r\n", "SET", "k", "v")
	other := dial(t, s)
	want(t, other, "+OK\r\n", "AUTH", "secret")
	want(t, other, bulk("v"), "GET", "k")
}
