package server

import (
	"net"
	"strings"
	"testing"
)

// secret is a connection of a transport that changes what goes through it. It embeds
// its socket, so that it has all methods of one.
type secret struct{ *net.TCPConn }

func turned(b []byte) []byte {
	t := make([]byte, len(b))
	for i := range b {
		t[i] = b[i] ^ 0x15
	}
	return t
}

func (s secret) Read(b []byte) (int, error) {
	n, err := s.TCPConn.Read(b)
	copy(b, turned(b[:n]))
	return n, err
}

func (s secret) Write(b []byte) (int, error) { return s.TCPConn.Write(turned(b)) }

type secretive struct{ net.Listener }

func (s secretive) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return secret{conn.(*net.TCPConn)}, nil
}

// What clients send and get goes through a transport's own connection, be it short or
// long, also where that has the methods of a socket.
func TestAWrappedSocketIsNotBypassed(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	wrapped, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.serve(secretive{wrapped})
	plain := f.dial(l)
	nc, err := net.Dial("tcp", wrapped.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := f.peer(secret{nc.(*net.TCPConn)})
	long := strings.Repeat("v", 1<<20)
	p.do("SET k v", "+OK\r\n")
	p.do("*3\r\n$3\r\nSET\r\n$1\r\nl\r\n$1048576\r\n"+long, "+OK\r\n")
	p.do("GET l", "$1048576\r\n"+long+"\r\n")
	plain.do("GET k", "$1\r\nv\r\n")
	plain.do("STRLEN l", ":1048576\r\n")
}
