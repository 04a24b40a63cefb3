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
		bitmaps.Family(),
		counters.Family(),
		hashes.Family(),
		introspection.Family(),
		keys.Family(),
		scan.Family(),
		strings.Family(),
		tracking.Family(),
		transactions.Family(),
	}
}

// Table is the table of all commands.
func Table() *command.Table { return command.MustTable(Families()...) }
