package allcommands_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// What is brief is a command of the table with one key or none.
func TestBriefCommands(t *testing.T) {
	n := 0
	allcommands.Table().Each(func(cmd *command.Command) {
		if !cmd.Brief {
			return
		}
		n++
		slow := cmd.Name == "set" || cmd.Name == "setex" || cmd.Name == "psetex" // as Redis says of them
		if cmd.LastKey != cmd.FirstKey || !cmd.Flags.Has(command.Fast) && !slow {
			t.Errorf("%s: keys %d to %d, flags %v", cmd.FullName, cmd.FirstKey, cmd.LastKey, cmd.Flags.Names())
		}
	})
	if n < 20 {
		t.Errorf("only %d commands are brief", n)
	}
}
