//go:build !custom || commands || commands.transactions

package all

import _ "github.com/redistill-go/redistill/modules/commands/transactions" // commands.transactions
