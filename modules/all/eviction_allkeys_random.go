//go:build !custom || eviction || eviction.allkeys_random

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeysrandom" // eviction.allkeys-random
