//go:build !custom || commands || commands.keys

package all

import _ "github.com/redistill-go/redistill/modules/commands/keys" // commands.keys
