package basics_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// newServer is a server with all commands: those of this package tell of the others,
// and change what a client is told of them.
func newServer(t testing.TB) *commandtest.Server {
	t.Helper()
	return commandtest.New(t, allcommands.Families()...)
}

// Every reply is Redis's own, to the byte.
func TestReplies(t *testing.T) {
	commandtest.Scripts(t, "testdata/replies", allcommands.Families()...)
}

// The family keeps the rules that all do.
func TestFamily(t *testing.T) {
	all := allcommands.Families()
	commandtest.Run(t, all[0], all[1:]...)
}
