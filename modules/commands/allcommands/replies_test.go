package allcommands_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/session"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// server is what commands need of a server, with one client.
type server struct {
	env     *command.Env
	shared  *session.Shared
	pool    *session.Pool
	session *session.Session
	ws      *session.Workspace
	now     atomic.Int64
}

// clients is the register of the one client.
type clients struct{ s *server }

func (c clients) Each(f func(*command.Client)) { f(&c.s.session.Client) }
func (c clients) Find(id int64) *command.Client {
	if id != c.s.session.Client.ID {
		return nil
	}
	return &c.s.session.Client
}
func (c clients) Count() int { return 1 }

func newServer(t testing.TB) *server {
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
	table := allcommands.Table()
	s := &server{env: &command.Env{
		Store: st, Watch: watch.New(st, nil), Table: table, Stats: stats.New(table.Len()), Auth: &command.Auth{},
		Version: "0.0.0", RunID: strings.Repeat("0", 40),
	}}
	s.now.Store(1_700_000_000_000)
	s.env.Clients = clients{s}
	s.env.NewTracker(nil)
	s.env.Config = newFakeConfig()
	s.shared = &session.Shared{
		Env: s.env, Limits: resp.DefaultLimits(512 << 20), Clock: s.now.Load,
	}
	s.pool = session.NewPool(s.shared)
	s.connect()
	return s
}

// connect replaces the client by a new one.
func (s *server) connect() {
	s.session, s.ws = session.New(s.shared), s.pool.Get()
	s.session.Client.ID = 7
	s.session.Client.Addr, s.session.Client.LocalAddr = "127.0.0.1:50000", "127.0.0.1:6379"
}

// do executes one request and returns the reply in the form of the scripts.
func (s *server) do(args ...string) string {
	request := make([][]byte, len(args))
	for i, a := range args {
		request[i] = []byte(a)
	}
	return s.exec(request)
}

func (s *server) exec(request [][]byte) string {
	reply, _ := s.session.Feed(s.ws, encode(request))
	return show(reply)
}

// Every reply is Redis's own, to the byte.
func TestReplies(t *testing.T) {
	for _, script := range readScripts(t) {
		t.Run(script.name, func(t *testing.T) {
			s := newServer(t)
			for _, o := range script.options {
				password, ok := strings.CutPrefix(o, "requirepass ")
				if !ok {
					t.Fatalf("option %q is not known here", o)
				}
				s.env.Auth.SetPassword(password)
			}
			s.connect()
			if script.resp3 {
				s.do("HELLO", "3")
			}
			for _, l := range script.lines {
				if l.request == nil {
					continue
				}
				if got := s.exec(l.request); got != l.reply {
					t.Errorf("line %d: %s\n got %s\nwant %s", l.number, l.text, got, l.reply)
				}
			}
		})
	}
}
