package tracking_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/modules/commands/introspection"
	stringcommands "github.com/redistill-go/redistill/modules/commands/strings"
	"github.com/redistill-go/redistill/modules/commands/tracking"
	"github.com/redistill-go/redistill/modules/commands/transactions"
)

// families are this one and those that its tests need besides.
func families() []command.Family {
	return []command.Family{tracking.Family(), introspection.Family(), stringcommands.Family(), transactions.Family()}
}

// The family keeps the rules that all do.
func TestFamily(t *testing.T) { commandtest.Run(t, families()[0], families()[1:]...) }

// Every reply is Redis's own, to the byte.
func TestReplies(t *testing.T) { commandtest.Scripts(t, "testdata/replies", families()...) }
