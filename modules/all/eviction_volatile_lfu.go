//go:build !custom || eviction || eviction.volatile_lfu

package all

import _ "github.com/redistill-go/redistill/modules/eviction/volatilelfu" // eviction.volatile-lfu
