//go:build !custom || eviction || eviction.volatile_ttl

package all

import _ "github.com/redistill-go/redistill/modules/eviction/volatilettl" // eviction.volatile-ttl
