package session

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// setup is what a server is made with; zero values are replaced by useful ones.
type setup struct {
	memory   int64
	password string
	output   int
	reserve  uint64
	specs    []command.Spec
}

// server is what sessions share, without any I/O.
type server struct {
	t      testing.TB
	store  *store.Store
	env    *command.Env
	shared *Shared
	pool   *Pool
}

func newServer(t testing.TB, o setup) *server {
	t.Helper()
	if o.reserve == 0 {
		o.reserve = 1 << 30
	}
	if o.output == 0 {
		o.output = 64 << 20
	}
	if o.specs == nil {
		o.specs = allSpecs()
	}
	st, err := store.New(store.Options{Shards: 4, Reserve: o.reserve, MaxMemory: o.memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	table := command.MustTable(command.Family{ID: "core", Specs: o.specs})
	s := &server{t: t, store: st, env: &command.Env{
		Store: st, Watch: watch.New(st, nil), Table: table, Stats: stats.New(table.Len()), Auth: &command.Auth{},
		Version: "0.0.0", RunID: strings.Repeat("0", 40), Clients: nobody{}, Config: nothing{},
	}}
	s.env.Auth.SetPassword(o.password)
	s.env.NewTracker(nil)
	s.shared = &Shared{
		Env: s.env, Limits: resp.DefaultLimits(512 << 20), ReplyLimit: new(atomic.Int64), Buffers: buffertest.New(t),
		Clock: func() int64 { return 1_700_000_000_000 },
	}
	s.shared.ReplyLimit.Store(int64(o.output))
	s.pool = NewPool(s.shared)
	return s
}

// nobody is a register without clients, nothing a configuration without
// parameters.
type (
	nobody  struct{}
	nothing struct{}
)

func (nobody) Each(func(*command.Client)) {}
func (nobody) Find(int64) *command.Client { return nil }
func (nobody) Count() int                 { return 0 }

func (nothing) Get(func(string) bool, func(string, string)) {}
func (nothing) Set([][2]string) error                       { return errors.New("ERR no such parameter") }

// client is one session and its workspace.
type client struct {
	*Session
	server *server
	ws     *Workspace
}

func (s *server) connect() *client {
	return &client{Session: New(s.shared), server: s, ws: s.pool.Get()}
}

// send feeds bytes in one piece and returns the replies.
func (c *client) send(b []byte) (replies string, closed bool) {
	out, closed := c.Feed(c.ws, b)
	return string(out), closed
}

// chunks feeds bytes in pieces of n bytes, n >= 1, until the session closes.
func (c *client) chunks(b []byte, n int) (replies string, closed bool) {
	var all strings.Builder
	for len(b) > 0 && !closed {
		k := min(n, len(b))
		var out string
		if out, closed = c.send(b[:k]); !closed {
			c.rest()
		}
		all.WriteString(out)
		b = b[k:]
	}
	return all.String(), closed
}

// rest gives the workspace back and takes it or another one, as a driver does
// that waits for more.
func (c *client) rest() {
	c.Settle(c.ws)
	c.server.pool.Put(c.ws)
	c.ws = c.server.pool.Get()
	c.Resume(c.ws)
}

// run feeds bytes until there is something to send and leaves it unsent.
func (c *client) run(b []byte) (next Next) {
	for len(b) > 0 && next == Read {
		n := copy(c.ws.ReadBuf(), b)
		c.ws.Filled(n)
		b = b[n:]
		next = c.Run(c.ws)
	}
	return next
}

// do sends one request and returns its reply.
func (c *client) do(args ...string) string {
	out, _ := c.send(encode(args...))
	return out
}

// leave ends the session as a driver does.
func (c *client) leave() {
	c.Abandon(c.ws)
	c.server.pool.Put(c.ws)
	c.End()
}

// mustBeEmpty flushes the store, from which nothing may be missing and in
// which nothing may be left.
func (s *server) mustBeEmpty() {
	s.t.Helper()
	s.store.Whole().Flush()()
	if n := s.store.Memory().Allocated; n != 0 {
		s.t.Fatalf("%d bytes are allocated in an empty store", n)
	}
	if n := s.store.Memory().Lent; n != 0 {
		s.t.Fatalf("%d bytes of the store are lent to nobody", n)
	}
	if n, most := s.shared.Buffers.Held(), int64(len(s.pool.warm)*shelfSize*(inputSize+outputSize)); n > most {
		s.t.Fatalf("%d bytes of buffers are held where no client has any, want %d at most", n, most)
	}
	// A block that was freed twice is handed out twice.
	var values []string
	c := s.connect()
	c.Client.Authenticated = true
	for i := range 8 {
		values = append(values, strings.Repeat(strconv.Itoa(i), 70_000))
		c.do("SET", "check"+strconv.Itoa(i), values[i])
	}
	for i, want := range values {
		if got := c.do("GET", "check"+strconv.Itoa(i)); got != bulk(want) {
			s.t.Fatalf("value %d was overwritten: %.20q", i, got)
		}
	}
	c.leave()
	s.store.Whole().Flush()()
}

// encode encodes one request.
func encode(args ...string) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}

func encodeAll(r ...[]string) []byte {
	var b [][]byte
	for _, args := range r {
		b = append(b, encode(args...))
	}
	return bytes.Join(b, nil)
}

// bulk is a bulk string on the wire.
func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// allSpecs are the rows of all commands.
func allSpecs() (specs []command.Spec) {
	for _, f := range allcommands.Families() {
		specs = append(specs, f.Specs...)
	}
	return specs
}
