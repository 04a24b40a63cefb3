package commandtest

import (
	"bufio"
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
)

// Run holds a family to what every command keeps, whatever it does:
//
//   - its rows say what clients rely on, and fit together;
//   - every request gets one whole reply in either protocol, with any number of
//     arguments and with keys of any type, there, expired or not there at all, and none
//     while replies are off;
//   - an error has changed nothing, a command that does not write changes nothing, and
//     one for values of a type refuses those of another;
//   - keys are where the row says that they are;
//   - nothing stays locked or in memory, not even when the client goes meanwhile;
//   - it works in a transaction;
//   - what is brief allocates nothing.
//
// Requests are made of the syntax in Spec.Args, and of arguments that make no sense.
// The others are families that the family can't do without: those to whose containers
// it adds, say.
func Run(t *testing.T, family command.Family, others ...command.Family) {
	for _, x := range checks {
		t.Run(x.name, func(t *testing.T) { runCheck(t, x.check, patience, append([]command.Family{family}, others...)) })
	}
}

// checks are what each command is tried with, apart from others.
var checks = []struct {
	name  string
	check func(testing.TB, *Server, *command.Command)
}{
	{"rows", checkRow}, {"replies", checkReplies}, {"keys", checkKeys}, {"types", checkTypes}, {"off", checkReplyOff},
	{"transaction", checkTransaction}, {"gone", checkGone}, {"brief", checkBrief},
}

// runCheck makes one check with all commands of the first family.
func runCheck(t testing.TB, check func(testing.TB, *Server, *command.Command), patience time.Duration, families []command.Family) {
	own := ownCommands(families[0])
	if !hasCommand(families, "multi") {
		families = append(families, queueing())
	}
	s := New(t, families...)
	for _, c := range own(s) {
		guard(t, c, patience, func() { check(t, s, c) })
	}
}

// ownCommands finds the commands of one family, subcommands included.
func ownCommands(f command.Family) func(s *Server) []*command.Command {
	names := map[string]bool{}
	for _, spec := range f.Specs {
		names[spec.Name] = spec.Arity != 0 // else it only adds to another's
		for _, sub := range spec.Subcommands {
			names[spec.Name+"|"+sub.Name] = true
		}
	}
	return func(s *Server) (list []*command.Command) {
		s.Env.Table.Each(func(c *command.Command) {
			if names[c.FullName] {
				list = append(list, c)
			}
		})
		return list
	}
}

func hasCommand(families []command.Family, name string) bool {
	return slices.ContainsFunc(families, func(f command.Family) bool {
		return slices.ContainsFunc(f.Specs, func(s command.Spec) bool { return s.Name == name })
	})
}

// queueing has what a server without the family of transactions lacks to queue
// commands and execute them.
func queueing() command.Family {
	return command.Family{ID: "commandtest", Specs: []command.Spec{
		{Name: "multi", Arity: 1, Direct: true, Handler: func(c *command.Ctx) { c.BeginTransaction(); c.W.OK() }},
		{Name: "exec", Arity: 1, Direct: true, RunsQueue: true, Handler: func(c *command.Ctx) {
			defer c.EndTransaction()
			if c.Client.Aborted() {
				c.W.Error("EXECABORT Transaction discarded because of previous errors.")
				return
			}
			c.Exec()
		}},
	}}
}

// patience is how long the requests to one command may take together, some hundred
// short ones.
const patience = 2 * time.Minute

// guard fails the test if check does not end, as when a command waits for a lock that
// it has, or panics.
func guard(t testing.TB, c *command.Command, patience time.Duration, check func()) {
	t.Helper()
	done := make(chan any, 1)
	go func() {
		var ended bool
		defer func() {
			problem := recover()
			if problem == nil && !ended {
				problem = "the test ended" // by t.FailNow
			}
			done <- problem
		}()
		check()
		ended = true
	}()
	select {
	case problem := <-done:
		if problem != nil {
			t.Fatalf("%s: %v", c.FullName, problem)
		}
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s hangs, or has left a shard locked:\n%s", c.FullName, stacks[:runtime.Stack(stacks, true)])
	}
}

// whole says whether a reply is one and whole. Messages of publish/subscribe are one
// for each channel.
func whole(c *command.Command, reply []byte) bool {
	r := bufio.NewReader(bytes.NewReader(reply))
	for n := 0; ; n++ {
		if _, err := r.Peek(1); err != nil {
			return n == 1 || n > 1 && c.Flags.Has(command.PubSub)
		}
		if _, err := ReadReply(r); err != nil {
			return false
		}
	}
}

// checkReplies checks that there is one for each request, and what it has changed.
func checkReplies(t testing.TB, s *Server, c *command.Command) {
	for _, proto := range []string{"2", "3"} {
		for _, request := range requests(c) {
			setUp(s, request)
			before := contents(s)
			p := s.Join()
			p.Raw("HELLO", proto)
			reply := []byte(p.Raw(request...))
			mute := p.Client.Mode()&(command.ModeReplyOff|command.ModeReplySkip|command.ModeReplySkipNext) != 0
			if !whole(c, reply) && (!mute || len(reply) > 0) {
				t.Errorf("%.100q in RESP%s: the reply is not one: %.100q", request, proto, reply)
			}
			failed := bytes.HasPrefix(reply, []byte("-"))
			if now := contents(s); now != before && (failed || !c.Flags.Has(command.Write) && !c.RunsQueue) {
				t.Errorf("%.100q, with flags %v, replied %.60q and has changed\n%s\nto\n%s", request, c.Flags.Names(), reply, before, now)
			}
			p.Leave()
			s.free()
		}
	}
	s.empty(t, c)
}

// checkTypes checks that a command for values of one type does not take those of another.
func checkTypes(t testing.TB, s *Server, c *command.Command) {
	right, wrong := keyString, keyHash
	switch {
	case c.Categories.Has(command.CatHash):
		right, wrong = wrong, right
	case c.Categories&(command.CatString|command.CatBitmap) == 0:
		return
	}
	if c.FirstKey == 0 || strings.HasPrefix(c.KeyAccess, "OW") || strings.Contains(c.KeyAccess, "variable_flags") {
		return // whatever is there is replaced, or may be
	}
	for _, request := range requests(c) {
		if !slices.Contains(request, right) {
			continue
		}
		ask := func(request []string) string {
			setUp(s, request)
			p := s.Join()
			defer p.Leave()
			return p.Raw(request...)
		}
		if ask(request)[0] == '-' {
			continue
		}
		other := slices.Clone(request)
		for i, a := range other {
			if a == right {
				other[i] = wrong
			}
		}
		if got := ask(other); !strings.HasPrefix(got, "-") && !strings.Contains(got, "$-1\r\n") {
			t.Errorf("%.100q: got %.100q, want %s", other, got, command.TextWrongType)
		}
	}
}

// checkReplyOff checks that there is no reply while replies are off.
func checkReplyOff(t testing.TB, s *Server, c *command.Command) {
	for _, request := range requests(c) {
		setUp(s, request)
		p := s.Join()
		p.Raw("CLIENT", "REPLY", "OFF")
		if got := p.Raw(request...); got != "" && p.Client.Mode()&command.ModeReplyOff != 0 {
			t.Errorf("%.100q after CLIENT REPLY OFF: got %.100q", request, got)
		}
		p.Leave()
	}
}

// checkTransaction checks that EXEC executes it.
func checkTransaction(t testing.TB, s *Server, c *command.Command) {
	if c.Direct {
		return
	}
	for _, request := range requests(c) {
		setUp(s, request)
		p := s.Join()
		p.Want(t, "+OK\r\n", "MULTI")
		queued := p.Raw(request...)
		got := p.Raw("EXEC")
		switch {
		case queued != "+QUEUED\r\n":
			if queued[0] != '-' || !strings.HasPrefix(got, "-EXECABORT ") {
				t.Errorf("%.100q in a transaction: %.100q, and EXEC: %.100q", request, queued, got)
			}
		case !strings.HasPrefix(got, "*1\r\n") || !whole(c, []byte(strings.TrimPrefix(got, "*1\r\n"))):
			if p.Client.Mode()&(command.ModeReplyOff|command.ModeReplySkip|command.ModeReplySkipNext) == 0 {
				t.Errorf("%.100q in a transaction: EXEC: %.100q", request, got)
			}
		}
		p.Leave()
		s.free()
	}
	s.empty(t, c)
}

// checkGone checks that nothing is left when the client goes meanwhile.
func checkGone(t testing.TB, s *Server, c *command.Command) {
	for _, request := range requests(c) {
		for lives := range 2 {
			setUp(s, request)
			p := s.Join()
			p.Client.SetLink(&LostLink{Lives: lives})
			p.Raw(request...)
			p.Client.SetLink(nil)
			p.Leave()
			s.free()
		}
	}
	s.empty(t, c)
}

// free waits for ever, which is told of the command, if a request has left a shard
// locked.
func (s *Server) free() {
	s.Env.Pauses.Stop()
	var all store.LockSet
	s.Store.LockAll(&all)
	all.Unlock()
}

// released is how long what is given back in the background is waited for at least,
// by a loop that lets everybody else go first.
const released = 2 * time.Second

// empty fails the test if the command has left something in memory that no key has.
func (s *Server) empty(t testing.TB, c *command.Command) {
	t.Helper()
	s.Store.Whole().Flush()()
	n := s.Store.Memory().Allocated
	for end := time.Now().Add(released); n != 0 && time.Now().Before(end); n = s.Store.Memory().Allocated {
		runtime.Gosched()
	}
	if n != 0 {
		t.Errorf("%s: %d bytes are left when all keys are gone", c.FullName, n)
	}
}
