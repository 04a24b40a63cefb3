package command

import "testing"

// What is brief is a command of the table with one key or none.
func TestBriefCommands(t *testing.T) {
	table := NewTable(Specs())
	for name := range brief {
		cmd := table.Lookup([]byte(name))
		switch {
		case cmd == nil:
			t.Errorf("%s is not in the table", name)
		case !cmd.Brief || cmd.LastKey != cmd.FirstKey || !cmd.Flags.Has(Fast) && name != "set" && name != "setex" && name != "psetex":
			t.Errorf("%s: brief %v, keys %d to %d, flags %v", name, cmd.Brief, cmd.FirstKey, cmd.LastKey, cmd.Flags.Names())
		}
	}
}
