package server

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

const tooMany = "-ERR max number of clients reached\r\n"

// full is a server that has as many clients as it may have.
func full(t *testing.T) (f *fixture, l net.Listener, only *peer) {
	f = newFixture(t, Options{MaxClients: 1})
	l = f.listen()
	only = f.dial(l)
	only.do("SET k v", "+OK\r\n")
	return f, l, only
}

// When all places are taken, an administrator still gets in from this machine and
// can do what an administrator does; whoever uses data is one too many.
func TestKeptPlace(t *testing.T) {
	f, l, only := full(t)
	admin := f.dial(l)
	admin.do("HELLO 2", "*14\r\n")
	for range 12 {
		if _, err := admin.r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	f.dial(l).expect(tooMany) // there is one such place
	for _, use := range []string{"GET k", "SET k v", "MULTI", "KEYS *", "WAIT 0 0"} {
		t.Run(use, func(t *testing.T) {
			f, l, _ := full(t)
			app := f.dial(l)
			app.do("PING", "+PONG\r\n")
			app.do(use, tooMany)
			app.ends()
			if n := f.stats.ConnectionsRejected.Load(); n != 1 {
				t.Errorf("%d rejected", n)
			}
		})
	}
	only.do("GET k", "$1\r\nv\r\n")
}

// Who has the kept place is like all others once there is room.
func TestKeptPlaceBecomesOrdinary(t *testing.T) {
	for name, makeRoom := range map[string]func(f *fixture, admin, only *peer){
		"a client is killed":  func(_ *fixture, admin, _ *peer) { admin.do("CLIENT KILL ID 1", ":1\r\n") },
		"a client leaves":     func(_ *fixture, _, only *peer) { only.do("QUIT", "+OK\r\n"); _ = only.Close() },
		"the limit is raised": func(f *fixture, _, _ *peer) { f.SetMaxClients(2) },
	} {
		t.Run(name, func(t *testing.T) {
			f, l, only := full(t)
			admin := f.dial(l)
			admin.do("CLIENT ID", ":2\r\n")
			makeRoom(f, admin, only)
			f.until("it has an ordinary place", func() bool { return !f.Clients().Find(2).Kept() })
			admin.do("GET k", "$1\r\nv\r\n")
			f.dial(l).do("PING", "+PONG\r\n") // the kept place is free again
		})
	}
}

// A holder that has fallen silent makes room for the next one.
func TestKeptPlaceIsNotHogged(t *testing.T) {
	f, l, _ := full(t)
	hog := f.dial(l)
	hog.do("CLIENT ID", ":2\r\n")
	f.dial(l).expect(tooMany)
	f.Clients().Find(2).Active.Store(time.Now().Add(-keptSilence - time.Second).UnixMilli())
	f.dial(l).do("CLIENT ID", ":3\r\n")
	hog.ends()
}

// elsewhere is a connection from another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }

// The place is kept for this machine.
func TestKeptPlaceIsForThisMachine(t *testing.T) {
	f, _, _ := full(t)
	a, b := net.Pipe()
	f.serve(&oneConn{conns: []net.Conn{elsewhere{a}}})
	f.peer(b).expect(tooMany)
	path := t.TempDir() + "/s"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	f.serve(l)
	f.dial(l).do("PING", "+PONG\r\n")
}

// Clients that are refused and don't listen take up no more than so many
// descriptors, and not for long.
func TestRefusalsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Options{MaxClients: 1})
		var theirs, ours []net.Conn
		for range 1 + refusals + 10 {
			a, b := net.Pipe() // nothing can be written to it before it is read
			theirs, ours = append(theirs, elsewhere{a}), append(ours, b)
		}
		if err := f.Serve(&oneConn{conns: theirs}, "transport.test"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for i, nc := range ours[1+refusals:] {
			if n, err := nc.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("refusal %d: %d bytes, %v; want the end", 1+refusals+i, n, err)
			}
		}
		f.peer(ours[1]).expect(tooMany)
		time.Sleep(refuseTime)
		synctest.Wait()
		if n, err := ours[2].Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("one that has not listened: %d bytes, %v; want the end", n, err)
		}
		if got := f.stats.ConnectionsRejected.Load(); got != refusals+10 {
			t.Errorf("%d rejected", got)
		}
	})
}
