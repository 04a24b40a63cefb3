package server

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/lane"
	"github.com/redistill-go/redistill/core/store"
)

// oneSave is a snapshot that takes until it is told how it ended.
type oneSave struct{ done chan error }

func (s oneSave) Begin(bool) (<-chan error, error) { return s.done, nil }
func (s oneSave) Figures() command.SnapshotFigures { return command.SnapshotFigures{} }

// narrow is a server where one client at a time may work for long, and a command,
// PLACE, that takes the place.
type narrow struct {
	*fixture
	placed atomic.Int64 // clients that have had the place
	work   *store.Work  // that somebody does on the key "worked"
	saved  chan error
}

func newNarrow(t *testing.T) *narrow {
	n := &narrow{saved: make(chan error, 1)}
	n.fixture = newFixture(t, Options{}, command.Spec{
		Name: "place", Arity: 1, Group: "generic", Since: "0.0.0", Summary: "Take a place", Complexity: "O(1)",
		Handler: func(c *command.Ctx) {
			c.Turn.Work()
			n.placed.Add(1)
			c.W.OK()
		},
	})
	began := n.stats.Started
	n.lane = lane.New(1, func() time.Duration { return time.Since(began) })
	n.shared.Lane = n.lane
	n.shared.Env.Snapshots = oneSave{n.saved}
	return n
}

// Who waits for somebody else has no place meanwhile: others may work for long, those
// among them that are waited for.
func TestNobodyWaitsWithAPlace(t *testing.T) {
	for name, c := range map[string]struct {
		before func(n *narrow)
		says   string          // in one go with PLACE
		then   func(n *narrow) // ends the wait
	}{
		"for another's work on a key": {
			before: func(n *narrow) {
				k := n.store.Key([]byte("worked"))
				sh := n.store.Lock(k)
				defer sh.Unlock()
				n.work = sh.Work(k)
			},
			says: "GET worked\r\nPING\r\n",
			then: func(n *narrow) {
				sh := n.store.Lock(n.store.Key([]byte("worked")))
				defer sh.Unlock()
				sh.EndWork(n.work)
			},
		},
		"for the keys of a transaction": {
			before: func(n *narrow) {
				k := n.store.Key([]byte("worked"))
				sh := n.store.Lock(k)
				defer sh.Unlock()
				n.work = sh.Work(k)
			},
			says: "MULTI\r\nGET worked\r\nEXEC\r\nPING\r\n",
			then: func(n *narrow) {
				sh := n.store.Lock(n.store.Key([]byte("worked")))
				defer sh.Unlock()
				sh.EndWork(n.work)
			},
		},
		"for its turn to grow": {
			before: func(n *narrow) {
				n.gate.place <- struct{}{}
				n.SetMemoryLimit(n.weight() * 9 / 8)
			},
			says: "MGET a b\r\nPING\r\n",
			then: func(n *narrow) { <-n.gate.place },
		},
		"for a pause to end": {
			before: func(n *narrow) { n.shared.Env.Pauses.Hold() },
			says:   "SET a b\r\nPING\r\n",
			then:   func(n *narrow) { n.shared.Env.Pauses.Release() },
		},
		"for a snapshot": {
			says: "SAVE\r\nPING\r\n",
			then: func(n *narrow) { n.saved <- nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNarrow(t)
			l := n.listen()
			waits, other := n.dial(l), n.dial(l)
			other.do("PING", "+PONG\r\n")
			if c.before != nil {
				c.before(n)
			}
			waits.send("PLACE\r\n" + c.says)
			n.until("it has the place", func() bool { return n.placed.Load() == 1 })
			other.do("PLACE", "+OK\r\n")
			c.then(n)
			for line := ""; line != "+PONG\r\n"; {
				var err error
				if line, err = waits.r.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// What a connection waits for to be written it waits for without a place, and for wire.
func TestNobodyWritesWithAPlace(t *testing.T) {
	const message = "message"
	write := func(f func(c *conn, b []byte) error) func(c *conn) error {
		return func(c *conn) error { c.lend(); defer c.release(); return f(c, []byte(message)) }
	}
	for name, wait := range map[string]func(c *conn) error{
		"replies":            write((*conn).sendWhole),
		"messages":           write((*conn).writePush),
		"messages of others": func(c *conn) error { c.wire.Unlock(); c.sendLate(); c.wire.Lock(); return nil },
		"while others do":    func(c *conn) error { c.lockWire(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			n := newNarrow(t)
			here, there := net.Pipe()
			c := newConn(n.Server, here, "test")
			c.session.Client.Authenticated = true
			c.wire.Lock()
			if name == "messages of others" {
				c.out.add(n.shared.Buffers, []byte(message), c.notePushes)
			}
			wrote := make(chan error)
			go func() {
				c.session.Turn.Work()
				n.placed.Add(1)
				err := wait(c)
				c.session.Turn.End(false)
				wrote <- err
			}()
			n.until("it has the place", func() bool { return n.placed.Load() == 1 })
			n.within("another has the place", func() {
				turn := lane.NewTurn(n.lane)
				turn.Work()
				turn.End(false)
			})
			if name == "while others do" {
				c.wire.Unlock()
			} else if _, err := io.ReadFull(there, make([]byte, len(message))); err != nil {
				t.Error(err)
			}
			if err := <-wrote; err != nil {
				t.Error(err)
			}
			c.out.close(n.shared.Buffers)
			_, _ = here.Close(), there.Close() // nothing is lost with them
		})
	}
}
