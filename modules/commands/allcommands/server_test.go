package allcommands_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

func newServer(t testing.TB) *commandtest.Server {
	t.Helper()
	return commandtest.New(t, allcommands.Families()...)
}

// Every reply is Redis's own, to the byte: here to requests about values of all types.
func TestReplies(t *testing.T) {
	commandtest.Scripts(t, "testdata/replies", allcommands.Families()...)
}

// Replies as they go over the wire.
const (
	ok     = "+OK\r\n"
	queued = "+QUEUED\r\n"
	null   = "*-1\r\n"
)
