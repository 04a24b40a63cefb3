// Package commandtest tests families of commands: with a server that has a store and
// sessions and no connections (New), with the replies that were recorded from a real
// server (Scripts), and with the rules that every command keeps (Run). It needs
// nothing but the family, and so serves those outside this tree as well:
//
//	func TestFamily(t *testing.T)  { commandtest.Run(t, mine.Family()) }
//	func TestReplies(t *testing.T) { commandtest.Scripts(t, "testdata/replies", mine.Family()) }
//
// Concurrency: a Server may be used from any goroutine, but each of its Conns, and so
// the Server's own, from one at a time.
package commandtest

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/basics"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/session"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
)

// Server is what commands need of a server, and its first client, whose methods are
// the Server's.
type Server struct {
	*Conn
	Env    *command.Env
	Store  *store.Store
	Shared *session.Shared
	// Now is the time in ms since the Unix epoch. It moves on only when it is told to,
	// and may be changed at any time.
	Now atomic.Int64

	pool    *session.Pool
	mu      sync.Mutex
	clients []*command.Client // by ID
	lastID  int64
}

// firstID is the ID of the first client, whose address ends with firstPort.
const firstID = 7

// New makes a server that has the commands of the core and of the given families. It
// is closed at the end of the test. A family that is the core's own may be among them.
func New(t testing.TB, families ...command.Family) *Server {
	t.Helper()
	st, err := store.New(store.Options{Shards: 16, Reserve: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	core := basics.Family()
	if !slices.ContainsFunc(families, func(f command.Family) bool { return f.ID == core.ID }) {
		families = append([]command.Family{core}, families...)
	}
	table, err := command.NewTable(families...)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Store: st, lastID: firstID - 1, Env: &command.Env{
		Store: st, Watch: watch.New(st, nil), Table: table, Stats: stats.New(table.Len()), Auth: &command.Auth{},
		Version: "0.0.0", RunID: strings.Repeat("0", 40), Config: NewConfig(),
	}}
	s.Now.Store(1_700_000_000_000)
	s.Env.Clients = (*clients)(s)
	s.Env.NewTracker(nil)
	s.Shared = &session.Shared{Env: s.Env, Limits: resp.DefaultLimits(512 << 20), Clock: s.Now.Load}
	s.pool = session.NewPool(s.Shared)
	s.Conn = s.Join()
	return s
}

// Join adds a client. It must Leave before the test ends if others are to be there
// still.
func (s *Server) Join() *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	return s.join(s.lastID)
}

// Reconnect makes the first client leave and come again as a new one with the same ID.
func (s *Server) Reconnect() {
	s.Leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Conn = s.join(firstID)
}

func (s *Server) join(id int64) *Conn {
	c := &Conn{Session: session.New(s.Shared), Workspace: s.pool.Get(), server: s}
	c.Client.ID = id
	c.Client.Addr, c.Client.LocalAddr = "127.0.0.1:50000", "127.0.0.1:6379"
	s.clients = append(s.clients, &c.Client)
	slices.SortFunc(s.clients, func(a, b *command.Client) int { return cmp.Compare(a.ID, b.ID) })
	return c
}

// clients is the register of the server's clients.
type clients Server

func (s *clients) Each(f func(*command.Client)) {
	for _, c := range s.all() {
		f(c)
	}
}

func (s *clients) Find(id int64) *command.Client {
	for _, c := range s.all() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *clients) Count() int { return len(s.all()) }

func (s *clients) all() []*command.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.clients)
}
