//go:build !custom || commands || commands.hashes

package all

import _ "github.com/redistill-go/redistill/modules/commands/hashes" // commands.hashes
