//go:build !custom || eviction || eviction.allkeys_lfu

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeyslfu" // eviction.allkeys-lfu
