//go:build !custom || eviction || eviction.allkeys_adaptive

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeysadaptive" // eviction.allkeys-adaptive
