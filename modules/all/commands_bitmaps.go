//go:build !custom || commands || commands.bitmaps

package all

import _ "github.com/redistill-go/redistill/modules/commands/bitmaps" // commands.bitmaps
