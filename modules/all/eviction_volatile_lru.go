//go:build !custom || eviction || eviction.volatile_lru

package all

import _ "github.com/redistill-go/redistill/modules/eviction/volatilelru" // eviction.volatile-lru
