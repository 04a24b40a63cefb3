//go:build !custom || commands || commands.introspection

package all

import _ "github.com/redistill-go/redistill/modules/commands/introspection" // commands.introspection
