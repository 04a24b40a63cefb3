//go:build !custom || eviction || eviction.noeviction

package all

import _ "github.com/redistill-go/redistill/modules/eviction/noeviction" // eviction.noeviction
