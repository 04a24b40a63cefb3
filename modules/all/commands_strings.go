//go:build !custom || commands || commands.strings

package all

import _ "github.com/redistill-go/redistill/modules/commands/strings" // commands.strings
