//go:build !custom || persistence || persistence.pebble

package all

import _ "github.com/redistill-go/redistill/persistence/pebble" // persistence.pebble
