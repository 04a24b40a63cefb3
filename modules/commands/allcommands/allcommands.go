// Package allcommands is every command of the tree, for tests and documents: those
// of the core and all families of package modules/commands.
package allcommands

import (
	"github.com/redistill-go/redistill/core/basics"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/modules/commands/bitmaps"
	"github.com/redistill-go/redistill/modules/commands/counters"
	"github.com/redistill-go/redistill/modules/commands/hashes"
	"github.com/redistill-go/redistill/modules/commands/introspection"
	"github.com/redistill-go/redistill/modules/commands/keys"
	"github.com/redistill-go/redistill/modules/commands/scan"
	"github.com/redistill-go/redistill/modules/commands/strings"
	"github.com/redistill-go/redistill/modules/commands/tracking"
	"github.com/redistill-go/redistill/modules/commands/transactions"
)

// Families are the families of all commands.
func Families() []command.Family {
	return []command.Family{
		basics.Family(),
		{ID: bitmaps.ID, Specs: bitmaps.Specs()},
		{ID: counters.ID, Specs: counters.Specs()},
		{ID: hashes.ID, Specs: hashes.Specs()},
		{ID: introspection.ID, Specs: introspection.Specs()},
		{ID: keys.ID, Specs: keys.Specs()},
		{ID: scan.ID, Specs: scan.Specs()},
		{ID: strings.ID, Specs: strings.Specs()},
		{ID: tracking.ID, Specs: tracking.Specs()},
		{ID: transactions.ID, Specs: transactions.Specs()},
	}
}

// Table is the table of all commands.
func Table() *command.Table { return command.MustTable(Families()...) }
