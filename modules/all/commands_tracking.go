//go:build !custom || commands || commands.tracking

package all

import _ "github.com/redistill-go/redistill/modules/commands/tracking" // commands.tracking
