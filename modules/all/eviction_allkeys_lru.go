//go:build !custom || eviction || eviction.allkeys_lru

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeyslru" // eviction.allkeys-lru
