// Package command is the contract of commands: what each is called, what it takes, how
// it may be used (Spec), the function that executes it and what that works with (Ctx),
// and the table that they are in (Table). The table is the one source for dispatch, for
// the COMMAND reply and for the command list of documents: every fact of a command is in
// its row.
//
// A family of commands is a module of its own. This is a whole one, with the command
// KEY.LEN that replies with the length of a string:
//
//	package mine
//
//	const ID = "commands.mine"
//
//	func init() { command.Register(ID, "The length of a string", Specs) }
//
//	func Specs() []command.Spec {
//		return []command.Spec{{
//			Name: "key.len", Handler: keyLen, Arity: 2, Flags: command.ReadOnly | command.Fast,
//			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
//			Categories: command.CatString, Group: "mine", Since: "1.0.0",
//			Summary: "Return the length of a string", Complexity: "O(1)", Args: arg.List(arg.Key("key")),
//		}}
//	}
//
//	func keyLen(c *command.Ctx) {
//		k := c.Key(1)
//		sh := c.Lock(k)
//		defer c.Unlock(sh)
//		e, found := sh.Get(k, c.Now)
//		c.Count(found)
//		switch {
//		case !found:
//			c.W.Int(0)
//		case !c.WrongType(e, store.String): // else it has replied
//			c.W.Int(int64(e.Len()))
//		}
//	}
//
// Its test is commandtest.Run(t, command.Family{ID: ID, Specs: Specs()}).
//
// Invariants: names are lower case; a command's index is fixed for the life of the
// process; a handler reads its arguments and writes exactly one reply; it locks the
// shards of the keys that its row tells of, through Ctx, and no others, and has unlocked
// them when it returns: in a transaction Ctx has locked them already.
//
// Concurrency: a Table never changes after NewTable and may be used from any goroutine.
// A Ctx, and so a running handler, belongs to one session. Of a Client the methods that
// say so may be called from any goroutine, the others from its session's.
package command

import (
	"strings"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
)

// Spec describes one command or subcommand.
type Spec struct {
	// Name is the command's own name in lower case: "get", or "id" for the
	// subcommand CLIENT ID.
	Name string
	// Arity is the number of arguments, the names of the command and its
	// container included; negative: at least so many.
	Arity int
	Flags Flags
	// FirstKey and LastKey are argument positions (0: the command has no
	// keys; LastKey -1: the last argument), KeyStep the distance between two
	// keys.
	FirstKey, LastKey, KeyStep int
	// KeyCount is the position of the argument that says how many keys there
	// are from FirstKey on, wherever the request ends; 0: LastKey tells.
	KeyCount int
	// KeyAccess says what is done to the keys, in the words of Redis's key
	// specifications, as in "RW access update"; "A; B" is A for the first key
	// and B for the others.
	KeyAccess string
	// KeyNotes are Redis's words on why KeyAccess is as it is; often none.
	KeyNotes string
	// Categories are the ACL categories beyond those that Flags imply.
	Categories Categories
	// Group is the documentation group: "string", "bitmap", "generic",
	// "connection", "server" and so on.
	Group string
	// Since is the Redis version that brought the command.
	Since string
	// Summary is one sentence without a final full stop.
	Summary string
	// Complexity is the time it takes.
	Complexity string
	// Args is the syntax of the arguments after the name.
	Args []arg.Arg
	// Subcommands make this command a container: its second argument is the
	// name of one of them.
	Subcommands []Spec
	// Tips are hints to proxies and to clients of many servers, in Redis's words.
	Tips []string
	// AccessOf is KeyAccess for one request, where its options decide; nil: they
	// don't.
	AccessOf func(request [][]byte) string
	// Secret says whether argument i is a password or a user's name, which the
	// slow log and monitors are not shown; nil: none is.
	Secret func(args [][]byte, i int) bool
	// Direct commands are executed at once inside MULTI, where others are
	// queued.
	Direct bool
	// RunsQueue is of the command that executes what MULTI has queued: it may do
	// whatever those commands may.
	RunsQueue bool
	// WhileSubscribed commands are allowed to a client of RESP2 that is subscribed
	// to a channel, where an answer to others could be taken for a message.
	WhileSubscribed bool
	// Tends commands look after the server or the connection and use no data: they
	// are what a client may do that has only the place kept for an administrator.
	Tends bool
	// CountsUse commands make the keys that they find count as used, also for a client
	// whose reads are not to count.
	CountsUse bool
	// KeepsCaching is of the container after whose subcommands it still holds what CLIENT
	// CACHING said of the next command.
	KeepsCaching bool
	// Keyless commands have no keys and look at none. Of others without keys it
	// is assumed that they may touch any.
	Keyless bool
	// Brief commands do a small and fixed amount of work on one key or none, about
	// a microsecond at most where arguments have an ordinary length, so that a
	// pipeline of them need not be timed one by one. What may copy a large value,
	// as APPEND or the first EXPIRE of a key does, is not brief.
	Brief bool
	// Work is what it takes beside very many arguments; the zero Work: next to
	// nothing.
	Work Work
	// Grows is about how many bytes the command may add to the store beyond
	// those of its arguments, 0 or more, of one that DenyOOM refuses where there
	// is no room for them. It locks what it looks at. Nil: none.
	Grows func(*Ctx) int64
	// Handler executes the command. Nil for a container that does nothing by
	// itself.
	Handler func(*Ctx)
}

// Tending marks rows and their subcommands as those of commands that Tends.
func Tending(specs []Spec) []Spec {
	for i := range specs {
		specs[i].Tends = true
		Tending(specs[i].Subcommands)
	}
	return specs
}

// ACL returns all ACL categories of the command.
func (s *Spec) ACL() Categories { return s.Categories | s.Flags.implied() }

// ArityOK says whether a request of n arguments, names included, is complete.
func (s *Spec) ArityOK(n int) bool {
	if s.Arity < 0 {
		return n >= -s.Arity
	}
	return n == s.Arity
}

// KeyRange is where the keys of a request are: from first to last, step apart.
// A request that counts more keys than it has is wrong, and has none.
func (s *Spec) KeyRange(request [][]byte) (first, last, step int) {
	first, last, step = s.FirstKey, s.LastKey, max(s.KeyStep, 1)
	if s.KeyCount > 0 {
		n, ok := resp.ParseInt(request[s.KeyCount])
		if !ok || n < 1 || n > int64((len(request)-first)/step) {
			return first, first - 1, step
		}
		return first, first + (int(n)-1)*step, step
	}
	if last < 0 {
		last += len(request)
	}
	return first, min(last, len(request)-1), step
}

// Access is what a request does to its keys.
func (s *Spec) Access(request [][]byte) string {
	if s.AccessOf != nil {
		return s.AccessOf(request)
	}
	return strings.TrimSuffix(s.KeyAccess, " variable_flags")
}

// Given says whether a word is among arguments, in any case.
func Given(args [][]byte, word string) bool {
	for _, a := range args {
		if EqualFold(a, word) {
			return true
		}
	}
	return false
}
