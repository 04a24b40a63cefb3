//go:build !custom || commands || commands.scan

package all

import _ "github.com/redistill-go/redistill/modules/commands/scan" // commands.scan
