//go:build !custom || commands || commands.counters

package all

import _ "github.com/redistill-go/redistill/modules/commands/counters" // commands.counters
