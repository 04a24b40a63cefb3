//go:build !custom || eviction || eviction.allkeys_s3fifo

package all

import _ "github.com/redistill-go/redistill/modules/eviction/allkeyss3fifo" // eviction.allkeys-s3fifo
