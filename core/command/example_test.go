package command_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/core/store"
)

// A package like this one is a module with one command, KEY.LEN, once its package is
// imported by a build.
func Example() {
	// In its init function:
	command.Register("commands.mine", "The length of a string", mySpecs)
}

// mySpecs are the family's rows: here all that the server, and COMMAND, know of KEY.LEN.
func mySpecs() []command.Spec {
	return []command.Spec{{
		Name: "key.len", Handler: keyLen, Arity: 2, Flags: command.ReadOnly | command.Fast,
		FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
		Categories: command.CatString, Group: "mine", Since: "1.0.0",
		Summary: "Return the length of a string", Complexity: "O(1)", Args: arg.List(arg.Key("key")),
	}}
}

// keyLen executes KEY.LEN.
func keyLen(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	switch {
	case !found:
		c.W.Int(0)
	case !c.WrongType(e, store.String): // else it has replied
		c.W.Int(int64(e.Len()))
	}
}

// The example is a family like any other.
func TestExample(t *testing.T) {
	mine := command.Family{ID: "commands.mine", Specs: mySpecs()}
	commandtest.Run(t, mine)
	s := commandtest.New(t, mine)
	s.Want(t, ":0\r\n", "KEY.LEN", "config")
	s.Want(t, "-ERR wrong number of arguments for 'key.len' command\r\n", "KEY.LEN")
}
