//go:build !custom || transport || transport.tls

package all

import _ "github.com/redistill-go/redistill/transports/tls" // transport.tls
