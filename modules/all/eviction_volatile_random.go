//go:build !custom || eviction || eviction.volatile_random

package all

import _ "github.com/redistill-go/redistill/modules/eviction/volatilerandom" // eviction.volatile-random
