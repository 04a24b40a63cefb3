package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TLS has no socket to look at: the same holds there.
func TestTLS(t *testing.T) {
	f := newFixture(t, Options{MaxClients: 2})
	cert, pool := certificate(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	f.serve(l)
	dial := func() *peer {
		nc, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: pool})
		if err != nil {
			t.Fatal(err)
		}
		return f.peer(nc)
	}
	p := dial()
	p.do("PING", "+PONG\r\n")
	// Pipelines longer than the buffer that an idle connection waits with, and
	// than a TLS record.
	value := strings.Repeat("v", 3000)
	for _, n := range []int{1, 2, 20, 200} {
		p.send(strings.Repeat("ECHO "+value+"\r\n", n))
		p.expect(strings.Repeat("$3000\r\n"+value+"\r\n", n))
	}
	large := strings.Repeat("x", 300_000)
	p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$300000\r\n" + large + "\r\nMGET k k\r\n")
	p.expect("+OK\r\n*2\r\n$300000\r\n" + large + "\r\n$300000\r\n" + large + "\r\n")

	dial().do("PING", "+PONG\r\n")
	refused := dial()
	refused.expect("-ERR max number of clients reached\r\n")
	p.do("QUIT", "+OK\r\n")
	p.ends()
}

// script is a stream that a test reads and writes from the connection's own
// goroutine, so that it may look at the connection.
type script struct {
	net.Conn
	read func(b []byte) (int, error)
	out  strings.Builder
}

func (s *script) Read(b []byte) (int, error)      { return s.read(b) }
func (s *script) Write(b []byte) (int, error)     { return s.out.Write(b) }
func (s *script) SetReadDeadline(time.Time) error { return nil }

// An idle stream waits with a small buffer and no workspace, unless a large
// argument is arriving.
func TestIdleStreamHoldsNoWorkspace(t *testing.T) {
	f := newFixture(t, Options{})
	a, b := net.Pipe()
	defer func() { _, _ = a.Close(), b.Close() }()
	s := &script{Conn: a}
	c := newConn(f.Server, s, "transport.test")
	if c.raw != nil {
		t.Fatal("a pipe is no socket")
	}
	steps := []struct {
		send  string
		reply string // to what was sent before
		holds bool   // whether it holds a workspace while it waits
	}{
		{send: "PING\r\n"},
		{send: "PING\r\nPI", reply: "+PONG\r\n"},
		{send: "NG\r\n", reply: "+PONG\r\n"},
		{send: strings.Repeat("PING\r\n", 1000)[:firstRead], reply: "+PONG\r\n"},
		{send: strings.Repeat("PING\r\n", 1000)[firstRead:], reply: strings.Repeat("+PONG\r\n", firstRead/6)},
		{send: "*2\r\n$6\r\nSTRLEN\r\n$70000\r\n", reply: strings.Repeat("+PONG\r\n", 1000-firstRead/6)},
		{send: strings.Repeat("k", 70_000), holds: true},
		{send: "\r\nQUIT\r\n"},
	}
	i := 0
	s.read = func(b []byte) (int, error) {
		if i == len(steps) {
			t.Fatal("read from after QUIT")
		}
		step := steps[i]
		if got := s.out.String(); got != step.reply || (c.ws != nil) != step.holds {
			t.Errorf("step %d: %.100q, holds a workspace: %v; want %.100q, %v", i, got, c.ws != nil, step.reply, step.holds)
		}
		if (len(b) == firstRead) == step.holds {
			t.Errorf("step %d: reads up to %d bytes", i, len(b))
		}
		s.out.Reset()
		i++
		return copy(b, step.send), nil
	}
	if err := c.serveStream(); err != nil || s.out.String() != ":0\r\n+OK\r\n" || !c.leave {
		t.Errorf("%v, %q, leaves: %v", err, s.out.String(), c.leave)
	}
	c.session.Abandon(c.ws)
	c.release()
}
