//go:build !custom || eviction || eviction.allkeys_sieve

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeyssieve" // eviction.allkeys-sieve
