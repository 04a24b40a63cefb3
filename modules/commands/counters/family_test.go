package counters_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/modules/commands/counters"
	"github.com/redistill-go/redistill/modules/commands/keys"
	stringcommands "github.com/redistill-go/redistill/modules/commands/strings"
)

// families are this one and those that its tests need besides.
func families() []command.Family {
	return []command.Family{counters.Family(), keys.Family(), stringcommands.Family()}
}

// The family keeps the rules that all do.
func TestFamily(t *testing.T) { commandtest.Run(t, families()[0], families()[1:]...) }

// Every reply is Redis's own, to the byte.
func TestReplies(t *testing.T) { commandtest.Scripts(t, "testdata/replies", families()...) }
